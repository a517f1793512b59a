"""Lists of invoices and payments, and the sums above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Count, Q, QuerySet, Sum

from billing.choices import OPEN, DocumentKind
from billing.models import Invoice, OnAccount, Payment, Receivable
from billing.rules import money
from clients.models import Client
from msp.accounts.queries import settings_of_shop
from msp.tenancy.keyset import Page, page_of

from .sending import Sent, sent_states

M = TypeVar("M", bound=models.Model)
SOON = timedelta(days=7)


class Tab(StrEnum):
    """The views of the invoice list."""

    DRAFT = "draft"
    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    WRITTEN_OFF = "written_off"
    PROFORMA = "proforma"
    ALL = "all"


@dataclass(frozen=True)
class Row:
    """One line of the invoice list. `owed` None: it has no number yet, or is a pro forma."""

    invoice: Invoice
    owed: Receivable | None
    sent: Sent | None


@dataclass(frozen=True)
class Sums:
    """What stands above the list, in one currency. `credit`: what clients have with us, on account and in credit notes."""

    currency: str
    open: Decimal
    overdue: Decimal
    overdue_count: int
    credit: Decimal


def shop_today(now: datetime) -> date:
    """The date in the shop's zone, by which due days are told."""
    zone = settings_of_shop().zone
    return now.astimezone(ZoneInfo(zone)).date()


def invoice_page(
    tab: Tab, *, words: str, today: date, params: Mapping[str, str], size: int = 50
) -> tuple[Page[Invoice] | Page[Receivable], list[Row]]:
    """One page of the list. A number finds its invoice, other words the clients whose name begins with them."""
    if tab is Tab.DRAFT:
        waiting = _matching(Invoice.objects.in_review().select_related("client"), words, "")
        drafts = page_of(waiting, order=("-id",), params=params, size=size)
        return drafts, [Row(invoice, None, None) for invoice in drafts]
    if tab is Tab.PROFORMA:
        offers = _matching(
            Invoice.objects.issued().filter(kind=DocumentKind.PROFORMA).select_related("client"), words, ""
        )
        numbered = page_of(offers, order=("-issued_at", "-id"), params=params, size=size)
        told = sent_states([invoice.pk for invoice in numbered])
        return numbered, [Row(invoice, None, told.get(invoice.pk)) for invoice in numbered]
    order = ("due_on", "id") if tab is Tab.OVERDUE else ("-issued_at", "-id")
    page = page_of(issued_rows(tab, words=words, today=today), order=order, params=params, size=size)
    sent = sent_states([row.invoice_id for row in page])
    return page, [Row(row.invoice, row, sent.get(row.invoice_id)) for row in page]


def issued_rows(tab: Tab, *, words: str, today: date) -> QuerySet[Receivable]:
    """Issued invoices of a view, by what is owed on them."""
    rows = Receivable.objects.select_related("invoice__client")
    match tab:
        case Tab.OPEN:
            rows = rows.owing()
        case Tab.OVERDUE:
            rows = rows.overdue(today)
        case Tab.PAID:
            rows = rows.settled().filter(written_off=0)
        case Tab.WRITTEN_OFF:
            rows = rows.given_up()
        case Tab.PROFORMA:
            rows = rows.none()
    return _matching(rows, words, "invoice__")


def _matching(rows: QuerySet[M], words: str, invoice: str) -> QuerySet[M]:
    if not words:
        return rows
    named = Client.objects.all()
    for word in words.split():
        named = named.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    wanted = Q(**{f"{invoice}number": words.upper()}) | Q(client__in=named)
    if words.isdecimal() and len(words) < 10:
        wanted |= Q(**{f"{invoice}sequence": int(words)})
    return rows.filter(wanted)


def tab_counts(today: date) -> dict[Tab, int]:
    """How many invoices need somebody: drafts, open and overdue ones."""
    owing = Receivable.objects.owing().aggregate(open=Count("id"), overdue=Count("id", filter=Q(due_on__lt=today)))
    drafts = Invoice.objects.filter(status__in=OPEN).count()
    return {Tab.DRAFT: drafts, Tab.OPEN: owing["open"], Tab.OVERDUE: owing["overdue"]}


def sums(today: date, client: Client | None = None) -> list[Sums]:
    """What is owed, by currency, of one client or all. Two queries."""
    rows, left = Receivable.objects.exclude(owed=0), OnAccount.objects.filter(left__gt=0)
    if client is not None:
        rows, left = rows.filter(client=client), left.filter(client=client)
    late = Q(owed__gt=0, due_on__lt=today)
    found = (
        rows.order_by()
        .values_list("currency")
        .annotate(
            open=Sum("owed", filter=Q(owed__gt=0), default=money.ZERO),
            overdue=Sum("owed", filter=late, default=money.ZERO),
            overdue_count=Count("id", filter=late),
            surplus=Sum("owed", filter=Q(owed__lt=0), default=money.ZERO),
        )
    )
    by_currency = {name: Sums(name, due, past, count, -surplus) for name, due, past, count, surplus in found}
    for name, amount in left.order_by().values_list("currency").annotate(sum=Sum("left")):
        known = by_currency.get(name) or Sums(name, money.ZERO, money.ZERO, 0, money.ZERO)
        by_currency[name] = replace(known, credit=known.credit + amount)
    return [by_currency[name] for name in sorted(by_currency)]


def payment_page(params: Mapping[str, str], size: int = 50) -> Page[Payment]:
    """Payments as they were recorded, newest first."""
    rows = Payment.objects.select_related("client", "invoice").knowing_voids()
    return page_of(rows, order=("-recorded_at", "-id"), params=params, size=size)


def client_invoices(client: Client, limit: int = 8) -> list[Row]:
    """A client's open invoices, the longest due first, then its latest others."""
    rows = Receivable.objects.filter(client=client).select_related("invoice__client")
    owing = list(rows.owing().order_by("due_on", "id")[:limit])
    rest = list(rows.settled().order_by("-issued_at", "-id")[: limit - len(owing)])
    sent = sent_states([row.invoice_id for row in owing + rest])
    return [Row(row.invoice, row, sent.get(row.invoice_id)) for row in owing + rest]
