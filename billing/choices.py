"""Words and states of billing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """What was decided about an invoice. Sent, paid and overdue are derived from other rows and the clock."""

    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    ISSUED = "issued", _("Issued")
    DISCARDED = "discarded", _("Discarded")


OPEN = frozenset({Status.DRAFT, Status.APPROVED})  # before a number was given

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.APPROVED, Status.DISCARDED}),
    Status.APPROVED: frozenset({Status.DRAFT, Status.ISSUED}),
    Status.ISSUED: frozenset(),
    Status.DISCARDED: frozenset(),
}


# Names of the queues and of the kind of search result, said here because registry and actions both say them.
RELEASES = "releases"
RENDERINGS = "renderings"
FOUND_INVOICE = "invoice"


class DocumentKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")


class TaxTreatment(models.TextChoices):
    STANDARD = "standard", _("Taxed as usual")
    ZERO = "zero", _("Zero-rated or exempt")
    REVERSE_CHARGE = "reverse_charge", _("Reverse charge: the client accounts for the tax")


class Unit(models.TextChoices):
    HOUR = "hour", pgettext_lazy("unit of an invoice line", "h")
    PIECE = "piece", pgettext_lazy("unit of an invoice line", "pcs")
    FLAT = "flat", pgettext_lazy("unit of an invoice line", "flat")


class PaymentMethod(models.TextChoices):
    TRANSFER = "transfer", _("Bank transfer")
    CARD = "card", _("Card")
    DIRECT_DEBIT = "direct_debit", _("Direct debit")
    CASH = "cash", _("Cash")
    CHEQUE = "cheque", _("Cheque")
    OTHER = "other", _("Other")


class Severity(models.TextChoices):
    """What a failed check means: an error stops the invoice, a warning needs a typed reason."""

    ERROR = "error", _("Must be fixed")
    WARNING = "warning", _("Needs a reason")


class QuoteState(models.TextChoices):
    """Where a quote stands. Past its last day is derived; superseded is what happened to one of its revisions."""

    DRAFT = "draft", _("Draft")  # nothing of it was sent
    OPEN = "open", _("With the client")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# A declined or withdrawn quote comes back by sending another revision.
QUOTE_TRANSITIONS: dict[QuoteState, frozenset[QuoteState]] = {
    QuoteState.DRAFT: frozenset({QuoteState.OPEN, QuoteState.WITHDRAWN}),
    QuoteState.OPEN: frozenset({QuoteState.OPEN, QuoteState.ACCEPTED, QuoteState.DECLINED, QuoteState.WITHDRAWN}),
    QuoteState.ACCEPTED: frozenset(),
    QuoteState.DECLINED: frozenset({QuoteState.OPEN}),
    QuoteState.WITHDRAWN: frozenset({QuoteState.OPEN}),
}


class RevisionState(models.TextChoices):
    """How far a revision has come inside the house. Sent, it is frozen."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    SENT = "sent", _("Sent")


class RevisionEnd(models.TextChoices):
    """What became of a sent revision."""

    SUPERSEDED = "superseded", _("Replaced by a newer one")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class LineKind(models.TextChoices):
    """What a quoted line sells. Hardware and licences above the shop's value need their evidence sheet."""

    SERVICE = "service", _("Work")
    HARDWARE = "hardware", _("Hardware")
    LICENCE = "licence", _("Licence")
    OTHER = "other", _("Other")


SIZED = frozenset({LineKind.HARDWARE, LineKind.LICENCE})


class LineRole(models.TextChoices):
    """Whether the client has a say in a quoted line."""

    REQUIRED = "required", _("Always part of it")
    OPTIONAL = "optional", _("The client may add it")
    ALTERNATIVE = "alternative", _("One of several to choose from")


class Every(models.TextChoices):
    """How often a quoted line is paid."""

    ONCE = "once", _("once")
    MONTH = "month", _("every month")
    YEAR = "year", _("every year")


class Measure(models.TextChoices):
    """What the size of an offered thing is measured by."""

    PEOPLE = "people", _("People")
    DEVICES = "devices", _("Devices")


class AnswerKind(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class AnswerWay(models.TextChoices):
    """How an answer to a quote reached us."""

    PORTAL = "portal", _("In the portal")
    LINK = "link", _("By the mailed link")
    BY_HAND = "by_hand", _("Written down by us")


class OnAccept(models.TextChoices):
    """Which invoice is drafted the moment a quote is accepted."""

    NOTHING = "nothing", _("None: we decide then")
    DEPOSIT = "deposit", _("The deposit")
    WHOLE = "whole", _("All that is paid once")


class QuotePart(models.TextChoices):
    """What of an accepted quote an invoice bills."""

    DEPOSIT = "deposit", _("Deposit")
    WHOLE = "whole", _("Everything paid once")
    REST = "rest", _("The rest after the deposit")


QUOTE_RENDERINGS = "quote_renderings"
QUOTE_TIMERS = "quote_timers"
FOUND_QUOTE = "quote"
