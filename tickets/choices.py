"""Words and states of the service desk."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    NEW = "new", _("New")
    IN_PROGRESS = "in_progress", _("In progress")
    SCHEDULED = "scheduled", _("Scheduled")
    WAITING_CLIENT = "waiting_client", _("Waiting on client")
    WAITING_SUPPLIER = "waiting_supplier", _("Waiting on supplier")
    SOLVED = "solved", _("Solved")


OPEN = frozenset({Status.NEW, Status.IN_PROGRESS, Status.SCHEDULED, Status.WAITING_CLIENT, Status.WAITING_SUPPLIER})
WAITING = frozenset({Status.WAITING_CLIENT, Status.WAITING_SUPPLIER})

_WORKED = OPEN - {Status.NEW} | {Status.SOLVED}
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset(_WORKED),
    **{status: frozenset(_WORKED - {status}) for status in OPEN - {Status.NEW}},
    Status.SOLVED: frozenset({Status.IN_PROGRESS}),  # reopened
}


class PortalStatus(models.TextChoices):
    """What a client reads: four words, and no more."""

    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_FOR_YOU = "waiting_for_you", _("Waiting for you")
    ON_ITS_WAY = "on_its_way", _("On its way")
    DONE = "done", _("Done")


PORTAL_STATUS: dict[Status, PortalStatus] = {
    Status.NEW: PortalStatus.IN_PROGRESS,
    Status.IN_PROGRESS: PortalStatus.IN_PROGRESS,
    Status.SCHEDULED: PortalStatus.ON_ITS_WAY,
    Status.WAITING_CLIENT: PortalStatus.WAITING_FOR_YOU,
    Status.WAITING_SUPPLIER: PortalStatus.ON_ITS_WAY,
    Status.SOLVED: PortalStatus.DONE,
}


class Priority(models.IntegerChoices):
    URGENT = 1, _("Urgent")
    HIGH = 2, _("High")
    NORMAL = 3, _("Normal")
    LOW = 4, _("Low")


class Impact(models.IntegerChoices):
    """How many are hit."""

    EVERYBODY = 1, _("Everybody")
    SEVERAL = 2, _("Several people")
    ONE = 3, _("One person")


class Urgency(models.IntegerChoices):
    """How long it can wait."""

    NOW = 1, _("Work stands still")
    SOON = 2, _("Work is slowed down")
    LATER = 3, _("It can wait")


class Colour(models.TextChoices):
    """Colours of labels, each a pair of tokens that can be read on light and dark. Yellow belongs to notes."""

    PLAIN = "plain", _("Grey")
    ACCENT = "accent", _("Your colour")
    INFO = "info", _("Blue")
    OK = "ok", _("Green")
    WARN = "warn", _("Orange")
    DANGER = "danger", _("Red")


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    CHOICE = "choice", _("Choice")
    DATE = "date", _("Date")
    CHECKBOX = "checkbox", _("Yes or no")


class Needed(models.TextChoices):
    """When a field must be answered."""

    NEVER = "never", _("Never")
    OPEN = "open", _("To open a ticket")
    SOLVE = "solve", _("To solve a ticket")


class ClockKind(models.TextChoices):
    """What a service level promises; each is a kind of promise of that name."""

    FIRST_RESPONSE = "first_response", _("First reply")
    NEXT_UPDATE = "next_update", _("Next update")
    RESOLUTION = "resolution", _("Solution")


class ExclusionState(models.TextChoices):
    """Whether a broken deadline counts: one person asks to leave it out, another decides."""

    ASKED = "asked", _("Asked for")
    APPROVED = "approved", _("Left out")
    REFUSED = "refused", _("Counts")


class Every(models.TextChoices):
    """How often something comes again; the values are the rule's own words."""

    DAILY = "daily", _("Day")
    WEEKLY = "weekly", _("Week")
    MONTHLY = "monthly", _("Month")
    YEARLY = "yearly", _("Year")


class WeekState(models.TextChoices):
    SUBMITTED = "submitted", _("Handed in")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Sent back")


class Door(models.TextChoices):
    """How a ticket came in."""

    STAFF = "staff", _("Phone or in person")
    PHONE = "phone", _("Phone")
    PORTAL = "portal", _("Portal")
    MAIL = "mail", _("E-mail")
    API = "api", _("API")
    PLAN = "plan", _("Recurring")


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Public reply")
    INTERNAL = "internal", _("Internal note")


class WorkType(models.TextChoices):
    REMOTE = "remote", _("Remote")
    ON_SITE = "on_site", _("On site")
    TRAVEL = "travel", _("Travel")


class QueueView(models.TextChoices):
    """The tabs of the ticket list, and what a search looks through."""

    MINE = "mine", _("Mine")
    UNASSIGNED = "unassigned", _("Unassigned")
    TEAM = "team", _("Team")
    WAITING = "waiting", _("Waiting on client")
    SOLVED = "solved", _("Solved")
    ALL = "all", _("All")


class Doing(models.TextChoices):
    """What somebody does who has a ticket open; who writes comes first."""

    REPLYING = "replying", _("replying")
    VIEWING = "viewing", _("looking at it")


class Recurs(models.TextChoices):
    """By what a trouble is known again."""

    ASSET = "asset", _("Same equipment")
    CONTACT = "contact", _("Same person, same trouble")


class Face(models.IntegerChoices):
    """What a client thought of it, in three faces."""

    GOOD = 3, _("Good")
    FAIR = 2, _("Could be better")
    BAD = 1, _("Not satisfied")


class BoostEnd(models.TextChoices):
    """Why a healing boost is over."""

    HEALED = "healed", _("healed")
    EXPIRED = "expired", _("its time was up")
    ENDED = "ended", _("ended by hand")
