"""Quotes: what holds for them, their lines and sheets, and what they promised of an invoice's prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet

from billing.choices import LineKind, Measure, RevisionState, TaxCategory
from billing.models import EvidenceSheet, Invoice, InvoiceLine, Quote, QuoteLine, QuoteRevision, QuoteSettings
from billing.rules import sizing
from billing.rules.quoting import Offered, Sums, dearest, fingerprint, flaws, preselection, sums
from billing.rules.tax import Tax, category_of
from clients.models import Asset, Client, Contact
from msp.accounts.queries import settings_of_shop
from msp.tenancy.kept import kept

_SAID_OF_QUOTE = (
    *("quote_number", "number", "title", "intro", "closing", "valid_until", "deposit_percent", "currency", "language"),
    *("tax_name", "tax_treatment", "tax_reason", "seller_name", "seller_address", "seller_tax_id"),
    *("buyer_name", "buyer_address", "buyer_tax_id", "net", "tax", "total", "monthly", "yearly"),
)
_SAID_OF_SECOND_TAX = ("second_tax_name", "second_tax_rate", "second_on_top")
SAID_OF_LINE = (
    *("description", "detail", "quantity", "unit", "unit_price", "amount", "every", "tax_rate", "kind"),
    *("role", "group", "preselected"),
)


@kept(QuoteSettings)
def quote_settings() -> QuoteSettings:
    """How the current shop quotes; the defaults where nothing was set yet."""
    return QuoteSettings.objects.first() or QuoteSettings()


def lines_of_revision(revision: QuoteRevision) -> list[QuoteLine]:
    """In the order of the page."""
    return list(QuoteLine.objects.filter(revision=revision).order_by("position", "id"))


def offered(revision: QuoteRevision, lines: Iterable[QuoteLine]) -> list[Offered]:
    """A revision's lines as the rules about choosing see them."""
    return [
        Offered(x.pk, x.role, x.group, x.preselected, x.every, x.amount, _tax_of(revision, x), x.description)
        for x in lines
    ]


def _tax_of(revision: QuoteRevision, line: QuoteLine) -> Tax:
    """How an invoice would tax the line: a second tax comes on what is taxed at all."""
    category = category_of(revision.tax_treatment, line.tax_rate)
    tax = Tax(category, line.tax_rate, name=revision.tax_name)
    if category != TaxCategory.STANDARD:
        return tax
    second = revision.second_tax_name
    return replace(tax, second_rate=revision.second_tax_rate, on_top=revision.second_on_top, second_name=second)


def sums_of(revision: QuoteRevision, lines: Iterable[QuoteLine]) -> Sums:
    """What the preselected lines come to."""
    return sums(preselection(offered(revision, lines)), revision.currency)


def sheets_of(lines: Iterable[QuoteLine]) -> dict[UUID, EvidenceSheet]:
    """Line id -> its evidence sheet."""
    return {sheet.line_id: sheet for sheet in EvidenceSheet.objects.filter(line__in=[line.pk for line in lines])}


@dataclass(frozen=True)
class Counted:
    """What is on record of a client: its living contacts and its equipment, cloud services left out."""

    people: int
    devices: int


def counted(client: Client) -> Counted:
    devices = Asset.objects.living().filter(client=client).exclude(kind="service").count()
    return Counted(Contact.objects.living().filter(client=client).count(), devices)


def wants_sheet(line: QuoteLine, currency: str) -> bool:
    """Whether a line needs its evidence sheet before it may be sent."""
    limit, same = quote_settings().evidence_from, currency == settings_of_shop().currency
    return sizing.needs_evidence(line.kind, line.amount, line.every, limit, same)


@dataclass(frozen=True)
class Readiness:
    """Whether a revision can be sent: `flaws` in words, lines whose sheet is missing, and whether a second person must say yes."""

    flaws: list[str]
    unproven: list[QuoteLine]
    needs_approval: bool

    @property
    def is_ready(self) -> bool:
        return not self.flaws and not self.unproven


def readiness(revision: QuoteRevision, lines: list[QuoteLine], sheets: Mapping[UUID, EvidenceSheet]) -> Readiness:
    """What still stands in the way of a revision that was not sent yet."""
    unproven = [line for line in lines if line.pk not in sheets and wants_sheet(line, revision.currency)]
    return Readiness(flaws(offered(revision, lines)), unproven, needs_approval(revision, lines))


def needs_approval(revision: QuoteRevision, lines: Iterable[QuoteLine]) -> bool:
    """Whether the dearest choice passes the shop's limit. In another currency the limit says nothing: somebody looks."""
    limit, identity = quote_settings().approval_limit, settings_of_shop()
    if limit is None:
        return False
    most = sums(dearest(offered(revision, lines)), revision.currency)
    return revision.currency != identity.currency or most.first_year > limit


def content_hash(revision: QuoteRevision, lines: Iterable[QuoteLine]) -> str:
    """The fingerprint of all that the client reads: the same words and figures, the same hash."""
    names = (*_SAID_OF_QUOTE, *_SAID_OF_SECOND_TAX) if revision.second_tax_rate else _SAID_OF_QUOTE
    said = {name: str(getattr(revision, name)) for name in names}
    return fingerprint([said, [{name: str(getattr(line, name)) for name in SAID_OF_LINE} for line in lines]])


def text_of(revision: QuoteRevision, lines: Iterable[QuoteLine]) -> str:
    """All free words of a revision, for the guard against naming other clients."""
    said = [revision.title, revision.intro, revision.closing]
    for line in lines:
        said += [line.description, line.detail, line.group]
    return "\n".join(filter(None, said))


def receivers_of(client: Client) -> QuerySet[Contact]:
    """Who can get a quote: living contacts with an address, who decide first."""
    rows = Contact.objects.living().filter(client=client).exclude(email="")
    return cast("QuerySet[Contact]", rows.order_by("-decides", "name", "id"))


def start_of_sheet(line: QuoteLine) -> dict[str, object]:
    """What an empty evidence sheet offers: what is on record, and for licences their number."""
    on_record = counted(line.revision.quote.client)
    found: dict[str, object] = {"people": on_record.people, "devices": on_record.devices}
    if line.kind == LineKind.LICENCE:
        found |= {"measure": Measure.PEOPLE, "serves": int(line.quantity)}
    return found


def open_revision(quote: Quote) -> QuoteRevision | None:
    """The one that the client can answer now, if any."""
    rows = QuoteRevision.objects.filter(quote=quote, state=RevisionState.SENT, ended_at=None)
    return rows.order_by("-number").first()


@dataclass(frozen=True)
class Quoted:
    """What an accepted quote said of an invoice line: its price before tax and how many at most."""

    number: str
    description: str
    quantity: Decimal
    unit_price: Decimal

    def differs(self, line: InvoiceLine) -> bool:
        """Whether the line bills another price, or more than was quoted."""
        return line.unit_price != self.unit_price or line.quantity > self.quantity


def quoted_of(source: Mapping[str, Any]) -> Quoted | None:
    """What the source of an invoice line keeps of its quote; None for a line of no quote."""
    kept_of = source.get("quoted")
    if not kept_of:
        return None
    amounts = Decimal(kept_of["quantity"]), Decimal(kept_of["unit_price"])
    return Quoted(kept_of["number"], kept_of["description"], *amounts)


def quoted_prices(invoice: Invoice) -> dict[UUID, Quoted]:
    """Line id -> what the accepted quote said of it, for the lines of an invoice that come from one. One query."""
    rows = InvoiceLine.objects.filter(invoice=invoice, source__has_key="quoted").values_list("id", "source")
    return {pk: found for pk, source in rows if (found := quoted_of(source))}
