"""Words and states of billing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .agreements import AGREEMENT_TIMERS as AGREEMENT_TIMERS
from .agreements import (
    Accepted as Accepted,
)
from .agreements import (
    AgreementKind as AgreementKind,
)
from .agreements import (
    AgreementState as AgreementState,
)
from .agreements import (
    Basis as Basis,
)
from .agreements import (
    BillingPeriod as BillingPeriod,
)
from .agreements import (
    BlockKind as BlockKind,
)
from .agreements import (
    BlockUnit as BlockUnit,
)
from .agreements import (
    Consent as Consent,
)
from .agreements import (
    ConsentWay as ConsentWay,
)
from .agreements import (
    CountRule as CountRule,
)
from .agreements import (
    Coverage as Coverage,
)
from .agreements import (
    DrawKind as DrawKind,
)
from .agreements import (
    Finished as Finished,
)
from .agreements import (
    Grouping as Grouping,
)
from .agreements import (
    Proration as Proration,
)
from .agreements import (
    Renewal as Renewal,
)
from .agreements import (
    RoundedPer as RoundedPer,
)
from .agreements import (
    Rounding as Rounding,
)
from .agreements import (
    TimeClass as TimeClass,
)
from .agreements import (
    Travel as Travel,
)
from .agreements import (
    TrueUp as TrueUp,
)


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
    """What a document is. Each kind counts in a gapless series of its own."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    DEBIT_NOTE = "debit_note", _("Debit note")
    PROFORMA = "proforma", _("Pro forma invoice")
    DEPOSIT = "deposit", _("Deposit invoice")
    FINAL = "final", _("Final invoice")


CORRECTING = frozenset({DocumentKind.CREDIT_NOTE, DocumentKind.DEBIT_NOTE})  # name the invoice that they correct
OWED = frozenset(DocumentKind) - {DocumentKind.PROFORMA}  # move what the client owes; a pro forma asks for nothing yet
STARTED = frozenset({DocumentKind.INVOICE, DocumentKind.PROFORMA, DocumentKind.DEPOSIT})  # from nothing
CORRECTED = OWED - {DocumentKind.CREDIT_NOTE}  # may be corrected


class TaxTreatment(models.TextChoices):
    STANDARD = "standard", _("Taxed as usual")
    ZERO = "zero", _("Zero-rated")
    EXEMPT = "exempt", _("Exempt from tax")
    REVERSE_CHARGE = "reverse_charge", _("Reverse charge: the client accounts for the tax")
    INTRA_COMMUNITY = "intra_community", _("Goods to a business in another EU country")
    EXPORT = "export", _("Export out of the EU")
    OUTSIDE = "outside", _("Outside the scope of the tax")


class TaxCategory(models.TextChoices):
    """The codes of EN 16931 (UNTDID 5305) for how a line is taxed."""

    STANDARD = "S", _("Taxed (S)")
    ZERO = "Z", _("Zero-rated (Z)")
    EXEMPT = "E", _("Exempt (E)")
    REVERSE_CHARGE = "AE", _("Reverse charge (AE)")
    INTRA_COMMUNITY = "K", _("Supply within the EU (K)")
    EXPORT = "G", _("Export (G)")
    OUTSIDE = "O", _("Outside the scope (O)")


class TaxRounding(models.TextChoices):
    RATE = "rate", _("Once for each rate, on its sum")
    LINE = "line", _("On every line")


class EInvoice(models.TextChoices):
    """The structured invoice that a client gets with, or instead of, the PDF."""

    NONE = "", _("PDF only")
    FACTURX = "facturx", _("PDF with Factur-X / ZUGFeRD inside (EN 16931)")
    XRECHNUNG_UBL = "xrechnung_ubl", _("XRechnung (UBL), the PDF is a copy")
    XRECHNUNG_CII = "xrechnung_cii", _("XRechnung (CII), the PDF is a copy")


class EndpointScheme(models.TextChoices):
    """Kinds of electronic addresses (the list EAS of EN 16931), those of the shop's likely clients."""

    EMAIL = "EM", _("E-mail")
    LEITWEG = "0204", _("Leitweg-ID (Germany)")
    VAT_DE = "9930", _("VAT number (Germany)")
    SIRET = "0009", _("SIRET (France)")
    SIREN = "0225", _("French e-invoicing address")
    KVK = "0106", _("KvK number (Netherlands)")
    OIN = "0190", _("OIN (Netherlands)")
    KBO = "0208", _("Enterprise number (Belgium)")
    GLN = "0088", _("GLN")
    VAT_ES = "9920", _("VAT number (Spain)")
    VAT_GB = "9932", _("VAT number (United Kingdom)")


class Paper(models.TextChoices):
    A4 = "A4", _("A4")
    LETTER = "letter", _("Letter")


class Column(models.TextChoices):
    """Columns of the printed table that a shop may leave out; description and amount always stand there."""

    POSITION = "position", _("Position")
    QUANTITY = "quantity", _("Quantity")
    PRICE = "price", _("Price")
    TAX = "tax", _("Tax rate")


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


class AgreedPart(models.TextChoices):
    """What an accepted quote becomes besides invoices."""

    MONTHLY = "monthly", _("Agreement for what is paid every month")
    YEARLY = "yearly", _("Agreement for what is paid every year")
    PROJECT = "project", _("Project with milestones")


class QuotePart(models.TextChoices):
    """What of an accepted quote an invoice bills."""

    DEPOSIT = "deposit", _("Deposit")
    WHOLE = "whole", _("Everything paid once")
    REST = "rest", _("The rest after the deposit")


QUOTE_RENDERINGS = "quote_renderings"
QUOTE_TIMERS = "quote_timers"
FOUND_QUOTE = "quote"


# --- the clock: from finished work to the invoice ---

DRAFTS = "drafts"
RUNS = "billing-runs"
PRINTS = "prints"
LOOK = "billing.look"  # kind of job: what is finished, owed and done, of one client
INVOICE_OUT = "invoice_out"  # kind of promise


class PartKind(models.TextChoices):
    PART = "part", _("Part")
    EXPENSE = "expense", _("Expense")


class OldPart(models.TextChoices):
    """What became of the part that the new one took the place of."""

    NONE = "none", _("There was none")
    CLIENT = "client", _("Stays with the client")
    RETURNED = "returned", _("Goes back to the supplier")
    RECYCLED = "recycled", _("We dispose of it")
