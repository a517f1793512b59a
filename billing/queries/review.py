"""The facts that the checks look at, gathered for any number of invoices in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Window, fields
from django.db.models.functions import Lower, RowNumber

from billing.choices import DocumentKind, Status
from billing.models import ClientTerms, Invoice, InvoiceLine, InvoiceTax, LineTime
from billing.rules.einvoicing import Lacks, lacks
from billing.rules.money import ZERO
from billing.rules.parties import Parties
from billing.rules.preflight import EntryFacts, InvoiceFacts, LineFacts, Report, examine
from billing.rules.terms import Terms, combined
from clients.models import Contact
from tickets.models import TimeEntry

from .agreements import agreements_for
from .consenting import Consents, consents_of
from .doubts import orders_left, overdrawn, twins
from .lists import shop_today
from .terms import own_terms, parties_of, shop

HISTORY = 12  # earlier invoices that make a client's usual total
_LONGEST_ENTRY = timedelta(hours=24)  # what the database lets one be
_END = ExpressionWrapper(F("started_at") + F("minutes") * timedelta(minutes=1), output_field=fields.DateTimeField())


@dataclass(frozen=True)
class Reviewed:
    """An invoice before its number, with its lines and what the checks say about it today."""

    invoice: Invoice
    lines: list[InvoiceLine]
    parties: Parties
    report: Report
    consents: Consents | None = None  # the client wants to approve it itself

    @property
    def can_go(self) -> bool:
        """Nothing found at all: no reason needed."""
        return self.invoice.status == Status.DRAFT and not self.report.findings

    @property
    def is_held(self) -> bool:
        return self.invoice.status == Status.DRAFT and bool(self.report.findings)

    @property
    def is_leaving(self) -> bool:
        return self.invoice.status == Status.APPROVED


def review(invoices: Sequence[Invoice], now: datetime) -> list[Reviewed]:
    """Check invoices that have no number yet. Their clients must be loaded. About ten queries for any number."""
    parties = parties_of({invoice.client_id: invoice.client for invoice in invoices}.values())
    lines = _lines(invoices)
    entries = _entries(invoices)
    foreign = _foreign(invoices, parties)
    history = _history(invoices)
    all_lines = [line for invoice in invoices for line in lines[invoice.pk]]
    again, over = twins(invoices, all_lines), overdrawn([invoice.client_id for invoice in invoices])
    terms = {row.client_id: row for row in ClientTerms.objects.filter(client__in={i.client_id for i in invoices})}
    today = shop_today(now)
    versions = agreements_for({invoice.client_id: invoice.client for invoice in invoices}.values(), today)
    defaults, orders = shop().defaults_on(None), orders_left(invoices, terms, versions)
    consents = consents_of(invoices, lines, versions, today)
    taxes = _taxes(invoices)
    found = []
    for invoice in invoices:
        mine, own = parties[invoice.client_id], terms.get(invoice.client_id)
        in_force, asked = combined(defaults, own_terms(own), invoice.currency), consents.get(invoice.pk)
        facts = InvoiceFacts(
            created_at=invoice.created_at,
            total=invoice.total,
            lines=tuple(_line_facts(line, entries[line.pk], again) for line in lines[invoice.pk]),
            foreign_recipients=tuple(sorted(foreign[invoice.client_id])),
            tax_treatment=invoice.tax_treatment,
            tax_reason=invoice.tax_reason,
            po_number=invoice.po_number,
            po_required=own.po_required if own else False,
            net=invoice.net,
            po_left=orders.get((invoice.client_id, invoice.po_number)),
            overdrawn_blocks=over.get(invoice.client_id, ()),
            goes_by_post=own.by_post if own else False,
            e_invoice=_lacks(invoice, mine, taxes[invoice.pk]),
            client_need=asked.need if asked else None,
            **_said_by(mine),
            **_usual(invoice, in_force, history[invoice.client_id, invoice.currency]),
        )
        found.append(Reviewed(invoice, lines[invoice.pk], mine, examine(facts, now), asked))
    return found


def _said_by(parties: Parties) -> dict[str, Any]:
    names = ("seller_name", "seller_address", "seller_tax_id", "buyer_address", "buyer_tax_id")
    return {"recipients": tuple(parties.recipients)} | {name: getattr(parties, name) for name in names}


def _taxes(invoices: Sequence[Invoice]) -> dict[UUID, list[InvoiceTax]]:
    found: dict[UUID, list[InvoiceTax]] = defaultdict(list)
    for tax in InvoiceTax.objects.filter(invoice__in=invoices):
        found[tax.invoice_id].append(tax)
    return found


def _lacks(invoice: Invoice, parties: Parties, taxes: Sequence[InvoiceTax]) -> Lacks:
    if invoice.kind == DocumentKind.PROFORMA:
        return Lacks()
    second = any(tax.is_second for tax in taxes)
    apart = [abs(tax.amount - tax.base * tax.rate / 100) for tax in taxes]
    return lacks(parties, has_second_tax=second, farthest=max(apart, default=ZERO))


def _usual(invoice: Invoice, today: Terms, history: Sequence[Decimal]) -> dict[str, Any]:
    """What holds for the client today. A correction is taxed like the invoice that it corrects, and has no usual total."""
    if invoice.corrects_id is not None:
        own = {"terms_treatment": invoice.tax_treatment, "terms_reason": invoice.tax_reason, "terms_rate": None}
        return own | {"usual_totals": ()}
    return {
        "usual_totals": tuple(history) if invoice.kind == DocumentKind.INVOICE else (),
        "terms_treatment": today.tax_treatment,
        "terms_reason": today.tax_reason,
        "terms_rate": today.tax_rate,
    }


def _line_facts(line: InvoiceLine, entries: Sequence[EntryFacts], again: dict[UUID, str]) -> LineFacts:
    quoted = line.source.get("quoted") or {}
    return LineFacts(
        line_id=line.pk,
        description=line.description,
        detail=line.detail,
        tax_rate=line.tax_rate,
        entries=tuple(entries),
        tax_by_hand=bool(line.source.get("tax_by_hand") or line.source.get("tax_day")),
        amount=line.amount,
        unit_price=line.unit_price,
        coverage=line.source.get("coverage", ""),
        quoted_price=Decimal(quoted["unit_price"]) if "unit_price" in quoted else None,
        quote=quoted.get("number", ""),
        twin=again.get(line.pk, ""),
        names_others=tuple(line.source.get("names_others", ())),
    )


def in_review(now: datetime, limit: int) -> list[Reviewed]:
    """The invoices that have no number yet, the oldest finished work first; `limit` at most."""
    rows = Invoice.objects.in_review().select_related("client")
    return review(list(rows.order_by(F("work_finished_at").asc(nulls_last=True), "id")[:limit]), now)


def _lines(invoices: Sequence[Invoice]) -> dict[UUID, list[InvoiceLine]]:
    found: dict[UUID, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(invoice__in=invoices).order_by("position"):
        found[line.invoice_id].append(line)
    return found


def _entries(invoices: Sequence[Invoice]) -> dict[UUID, list[EntryFacts]]:
    """Line id -> its time entries. The overlap is asked per entry, within a day: an index on (member, start) serves it."""
    others = (
        TimeEntry.objects.filter(
            member=OuterRef("member"),
            started_at__gt=OuterRef("started_at") - _LONGEST_ENTRY,
            started_at__lt=OuterRef("ended"),
        )
        .exclude(pk=OuterRef("pk"))
        .annotate(ended=_END)
        .filter(ended__gt=OuterRef("started_at"))
    )
    line_of = dict(LineTime.objects.filter(line__invoice__in=invoices).values_list("time_entry_id", "line_id"))
    mine = TimeEntry.objects.filter(pk__in=line_of).annotate(ended=_END)
    doubled = set(mine.filter(Exists(others)).values_list("pk", flat=True))
    found: dict[UUID, list[EntryFacts]] = defaultdict(list)
    for entry in mine.select_related("ticket", "member").order_by("started_at"):
        when = entry.started_at, entry.ended_at
        found[line_of[entry.pk]].append(EntryFacts(entry.ticket.number, entry.member.name, *when, entry.pk in doubled))
    return found


def _foreign(invoices: Sequence[Invoice], parties: dict[UUID, Parties]) -> dict[UUID, set[str]]:
    """Client id -> recipients who are contacts of other clients and of this one not."""
    addresses = {address for invoice in invoices for address in parties[invoice.client_id].recipients}
    owners: dict[str, set[UUID]] = defaultdict(set)
    written = Contact.objects.living().annotate(address=Lower("email")).filter(address__in=addresses)
    for address, client_id in written.values_list("address", "client_id"):
        owners[address].add(client_id)
    return {
        client_id: {a for a in mine.recipients if owners[a] and client_id not in owners[a]}
        for client_id, mine in parties.items()
    }


def _history(invoices: Sequence[Invoice]) -> dict[tuple[UUID, str], list[Decimal]]:
    """(client id, currency) -> totals of the latest issued invoices."""
    ranked = (
        Invoice.objects.issued()
        .filter(kind=DocumentKind.INVOICE, client__in={invoice.client_id for invoice in invoices})
        .annotate(rank=Window(RowNumber(), partition_by=["client_id", "currency"], order_by="-issued_at"))
    )
    found: dict[tuple[UUID, str], list[Decimal]] = defaultdict(list)
    for client_id, currency, total in ranked.filter(rank__lte=HISTORY).values_list("client_id", "currency", "total"):
        found[client_id, currency].append(total)
    return found
