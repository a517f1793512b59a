"""Queries about lines: what is on hold, the office's list, one query with what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet, Sum

from billing.choices.care import QueryState
from billing.models import Invoice, InvoiceLine, LineQuery, QueryMessage
from billing.rules import money
from billing.rules.tax import Item, assess
from msp.tenancy.keyset import Page, page_of

from .crediting import given_back
from .tax import tax_of


class QueryView(StrEnum):
    """Views of the list of queries."""

    OURS = "ours"
    THEIRS = "theirs"
    ALL = "all"


@dataclass(frozen=True)
class Asked:
    """The queries about one invoice. `held`: what of it is on hold today, never more than is owed."""

    queries: list[LineQuery]
    held: Decimal

    def about(self, line: InvoiceLine) -> LineQuery | None:
        return next((query for query in self.queries if query.line_id == line.pk), None)


def gross_of(invoice: Invoice, line: InvoiceLine) -> Decimal:
    """What a line comes to with its taxes."""
    item = Item(line.pk, line.amount, tax_of(invoice, line))
    return assess([item], invoice.currency, inclusive=invoice.prices_include_tax).total


def left_of(invoice: Invoice, line: InvoiceLine) -> Decimal:
    """What of a line's amount no issued credit note has given back. One query."""
    return line.amount - given_back(invoice).get(line.pk, money.ZERO)


def held_amounts(invoice_ids: Collection[UUID], today: date) -> dict[UUID, list[Decimal]]:
    """Invoice id -> what its lines on hold come to. One query."""
    rows = LineQuery.objects.holding(today).filter(invoice__in=invoice_ids)
    found: dict[UUID, list[Decimal]] = defaultdict(list)
    for invoice_id, held in rows.order_by("id").values_list("invoice_id", "held"):
        found[invoice_id].append(held)
    return found


def asked_about(invoice: Invoice, owed: Decimal, today: date) -> Asked:
    """The queries about an invoice. One query."""
    rows = list(
        LineQuery.objects.filter(invoice=invoice).select_related("credit_note", "line").order_by("asked_at", "id")
    )
    held = sum((row.held for row in rows if row.is_holding(today)), money.ZERO)
    return Asked(rows, max(min(held, owed), money.ZERO))


def query_rows(view: QueryView) -> QuerySet[LineQuery]:
    """Queries of a view, with all that a list says of them."""
    rows = LineQuery.objects.select_related("client", "invoice", "line", "contact", "credit_note")
    match view:
        case QueryView.OURS:
            return rows.ours()
        case QueryView.THEIRS:
            return rows.filter(state=QueryState.ANSWERED)
    return rows


def query_page(view: QueryView, params: Mapping[str, str], size: int = 50) -> Page[LineQuery]:
    """What waits: the longest first; everything: the newest first."""
    order = ("-asked_at", "-id") if view is QueryView.ALL else ("asked_at", "id")
    return page_of(query_rows(view), order=order, params=params, size=size)


def view_counts() -> dict[QueryView, int]:
    """How many wait for us and for clients. Two queries."""
    theirs = LineQuery.objects.filter(state=QueryState.ANSWERED)
    return {QueryView.OURS: LineQuery.objects.ours().count(), QueryView.THEIRS: theirs.count()}


def held_sums(today: date) -> list[tuple[str, Decimal]]:
    """What is on hold in all, by currency."""
    rows = LineQuery.objects.holding(today).order_by().values_list("currency").annotate(held=Sum("held"))
    return list(rows.order_by("currency"))


def said_about(query: LineQuery) -> list[QueryMessage]:
    """What both sides said, in order."""
    return list(QueryMessage.objects.filter(query=query).order_by("said_at", "id"))
