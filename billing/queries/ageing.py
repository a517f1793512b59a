"""Who owes how much for how long, today or at the end of an earlier day, beside what the ledger says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from billing.choices.paying import Account
from billing.models import JournalLine, OnAccount, Receivable
from billing.rules.ageing import Aged, aged
from billing.rules.money import ZERO
from clients.models import Client
from msp.tenancy.keyset import Page, page_of


@dataclass(frozen=True)
class Sheet(Aged):
    """The whole shop in one currency, and what its ledger says."""

    currency: str = ""
    ledger_receivables: Decimal = ZERO
    ledger_on_account: Decimal = ZERO

    @property
    def equals_ledger(self) -> bool:
        return (self.ledger_receivables, self.ledger_on_account) == (self.receivables, self.on_account)


@dataclass(frozen=True)
class Row:
    """One client in one currency."""

    client: Client
    currency: str
    aged: Aged


@dataclass(frozen=True)
class Ageing:
    on: date
    is_today: bool
    rows: list[Row]
    totals: list[Sheet]
    page: Page[Client] | None = None


def ageing(on: date, *, today: date | None = None, params: Mapping[str, str] | None = None, size: int = 50) -> Ageing:
    """All of it, or with `params` the page of clients that they ask for. A constant number of queries.

    Today's is read from what is owed on each document, an earlier day's from the ledger itself.
    """
    is_today = today is None or on >= today
    page, clients = None, None
    if params is not None:
        with_money = Client.objects.filter(_has(_items(on, is_today)) | _has(_left(on, is_today)))
        page = page_of(with_money, order=("name", "id"), params=params, size=size)
        clients = [client.pk for client in page]
    return Ageing(on, is_today, _rows(on, is_today, clients), _totals(on, is_today), page)


def rows_of(on: date, clients: list[UUID]) -> list[Row]:
    """What these clients owe now. Three queries."""
    return _rows(on, True, clients)


def _has(rows: QuerySet[Any]) -> Q:
    return Q(Exists(rows.filter(client=OuterRef("pk"))))


def _items(on: date, is_today: bool) -> QuerySet[Any]:
    """Open documents. Of an earlier day: the lines of the ledger that came to something for a document by then."""
    if is_today:
        return Receivable.objects.exclude(owed=0).order_by()
    lines = JournalLine.objects.filter(account=Account.RECEIVABLES, booked_on__lte=on).order_by()
    return (
        lines.values("client_id", "currency", "invoice_id", "invoice__due_on")
        .annotate(open=Sum("amount"))
        .exclude(open=0)
    )


def _left(on: date, is_today: bool) -> QuerySet[Any]:
    if is_today:
        return OnAccount.objects.filter(left__gt=0).order_by()
    lines = JournalLine.objects.filter(account=Account.ON_ACCOUNT, booked_on__lte=on).order_by()
    return lines.values("client_id", "currency").annotate(left=-Sum("amount")).exclude(left=0)


def _rows(on: date, is_today: bool, clients: list[UUID] | None) -> list[Row]:
    items, left = _items(on, is_today), _left(on, is_today)
    if clients is not None:
        items, left = items.filter(client__in=clients), left.filter(client__in=clients)
    open_of: dict[tuple[UUID, str], list[tuple[Decimal, date]]] = defaultdict(list)
    columns = ("owed", "due_on") if is_today else ("open", "invoice__due_on")
    for client, currency, amount, due_on in items.values_list("client_id", "currency", *columns):
        open_of[client, currency].append((amount, due_on))
    left_of: dict[tuple[UUID, str], Decimal] = defaultdict(lambda: ZERO)
    for client, currency, amount in left.values_list("client_id", "currency", "left"):
        left_of[client, currency] += amount
    keys = {*open_of, *left_of}
    named = Client.objects.in_bulk([client for client, _currency in keys])
    rows = [Row(named[key[0]], key[1], aged(open_of[key], left_of[key], on)) for key in keys]
    return sorted(rows, key=lambda row: (row.client.name, str(row.client.pk), row.currency))


def _totals(on: date, is_today: bool) -> list[Sheet]:
    """By due day in the database, by age here: due days are few, documents many."""
    open_of: dict[str, list[tuple[Decimal, date]]] = defaultdict(list)
    left_of: dict[str, Decimal] = defaultdict(lambda: ZERO)
    if is_today:
        by_day = _items(on, True).values("currency", "due_on", is_note=Q(owed__lt=0)).annotate(open=Sum("owed"))
        found = by_day.values_list("currency", "open", "due_on")
        left = _left(on, True).values("currency").annotate(sum=Sum("left")).values_list("currency", "sum")
    else:
        found = _items(on, False).values_list("currency", "open", "invoice__due_on")
        left = _left(on, False).values_list("currency", "left")
    for currency, amount, due_on in found:
        open_of[currency].append((amount, due_on))
    for currency, amount in left:
        left_of[currency] += amount
    said = _ledger_says(on, is_today)
    sheets = []
    for currency in sorted({*open_of, *left_of, *(currency for currency, _account in said)}):
        sums = aged(open_of[currency], left_of[currency], on)
        receivables = said.get((currency, Account.RECEIVABLES), ZERO)
        on_account = -said.get((currency, Account.ON_ACCOUNT), ZERO)
        sheet = Sheet(sums.not_due, sums.late, sums.credit_notes, sums.on_account, currency, receivables, on_account)
        if sheet.receivables or sheet.on_account or not sheet.equals_ledger:
            sheets.append(sheet)
    return sheets


def _ledger_says(on: date, is_today: bool) -> dict[tuple[str, str], Decimal]:
    rows = JournalLine.objects.filter(account__in=[Account.RECEIVABLES, Account.ON_ACCOUNT]).order_by()
    if not is_today:
        rows = rows.filter(booked_on__lte=on)
    sums = rows.values_list("currency", "account").annotate(sum=Sum("amount"))
    return {(currency, account): amount for currency, account, amount in sums}
