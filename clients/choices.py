"""Words of the client records."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AssetKind(models.TextChoices):
    SERVER = "server", _("Server")
    COMPUTER = "computer", _("Computer")
    LAPTOP = "laptop", _("Laptop")
    NETWORK = "network", _("Switch or router")
    PRINTER = "printer", _("Printer")
    PHONE = "phone", _("Phone")
    SERVICE = "service", _("Cloud service")
    OTHER = "other", _("Other")


class PromiseState(models.TextChoices):
    """What was handled, not what time does: a promise past its deadline is open until the sweep says that it broke."""

    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    CANCELLED = "cancelled", _("Cancelled")


STANDING = (PromiseState.OPEN, PromiseState.PAUSED)  # still owed, and not broken yet
JUDGED = (PromiseState.KEPT, PromiseState.BROKEN)  # what the kept rate counts

TRANSITIONS: dict[PromiseState, frozenset[PromiseState]] = {
    PromiseState.OPEN: frozenset({PromiseState.PAUSED, PromiseState.KEPT, PromiseState.BROKEN, PromiseState.CANCELLED}),
    PromiseState.PAUSED: frozenset({PromiseState.OPEN, PromiseState.KEPT, PromiseState.CANCELLED}),
    # Kept all along, and the sweep was quicker than the news: only with a time before the deadline.
    PromiseState.BROKEN: frozenset({PromiseState.KEPT}),
    PromiseState.KEPT: frozenset({PromiseState.OPEN}),  # taken back, or its subject came open again
    PromiseState.CANCELLED: frozenset({PromiseState.OPEN}),
}


class PromiseView(models.TextChoices):
    """The tabs of the promises page."""

    DUE = "due", _("Due")
    RISK = "risk", _("At risk")
    BROKEN = "broken", _("Broken")
    KEPT = "kept", _("Kept")
    PAUSED = "paused", _("Paused")
    CANCELLED = "cancelled", _("Cancelled")


class NameKind(models.TextChoices):
    """What a client can be recognised by."""

    CLIENT = "client", _("Client")
    SHORT = "short", _("Client, in short")
    PERSON = "person", _("Person")
    SURNAME = "surname", _("Family name")
    ADDRESS = "address", _("E-mail address")
    DOMAIN = "domain", _("Domain")
    HOST = "host", _("Equipment")
    SERIAL = "serial", _("Serial number")
    PHONE = "phone", _("Phone number")


class LeaveKind(models.TextChoices):
    """Why somebody is away, as colleagues may know it."""

    HOLIDAY = "holiday", _("Holiday")
    SICK = "sick", _("Sick")
    TRAINING = "training", _("Training")
    OTHER = "other", _("Away")


class ReminderState(models.TextChoices):
    RESTING = "resting", _("Nothing to say")
    QUEUED = "queued", _("Waiting")
    DEAD = "dead", _("Failed")
