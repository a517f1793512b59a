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
