"""A client's account over a period, read from the ledger: what was owed before, every event that moved it, what is owed after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from billing.choices.paying import Account
from billing.models import JournalEntry, JournalLine, Receivable, StatementPdf
from billing.rules.ageing import Aged
from billing.rules.money import ZERO
from clients.models import Client
from msp.tenancy.keyset import Page, page_of

from .ageing import Row, rows_of

MOST_MOVEMENTS = 2000
_OWN = Q(account__in=[Account.RECEIVABLES, Account.ON_ACCOUNT])
_MOVED = Sum("journal_lines__amount", filter=Q(journal_lines__account__in=[Account.RECEIVABLES, Account.ON_ACCOUNT]))


class TooLong(ValueError):
    """More movements than one statement holds."""


@dataclass(frozen=True)
class Movement:
    """One event. `amount` above zero is owed more, below zero less; `balance` is what is owed after it."""

    entry: JournalEntry
    amount: Decimal
    balance: Decimal

    @property
    def debit(self) -> Decimal:
        return max(self.amount, ZERO)

    @property
    def credit(self) -> Decimal:
        return max(-self.amount, ZERO)


@dataclass(frozen=True)
class Statement:
    """`closing` below zero: the client has that with us. `open_items`: what is unpaid now, the first due first."""

    client: Client
    currency: str
    starts: date
    ends: date
    opening: Decimal
    movements: list[Movement]
    open_items: list[Receivable]

    @property
    def closing(self) -> Decimal:
        return self.movements[-1].balance if self.movements else self.opening

    @property
    def is_credit(self) -> bool:
        return self.closing < ZERO


def statement(client: Client, currency: str, starts: date, ends: date, *, most: int = MOST_MOVEMENTS) -> Statement:
    """Three queries. Raises TooLong above `most` movements."""
    lines = JournalLine.objects.filter(_OWN, client=client, currency=currency)
    balance = opening = lines.filter(booked_on__lt=starts).aggregate(sum=Sum("amount", default=ZERO))["sum"]
    entries = JournalEntry.objects.filter(client=client, currency=currency, booked_on__range=(starts, ends))
    movements = []
    for entry in entries.annotate(moved=_MOVED).exclude(moved=0).order_by("booked_on", "id")[: most + 1]:
        balance += entry.moved
        movements.append(Movement(entry, entry.moved, balance))
    if len(movements) > most:
        raise TooLong
    open_items = Receivable.objects.filter(client=client, currency=currency).exclude(owed=0)
    shown = list(open_items.select_related("invoice").order_by("due_on", "id")[:most])
    return Statement(client, currency, starts, ends, opening, movements, shown)


def currencies_of(client: Client) -> list[str]:
    """The currencies that a client's account has moved in, its own first."""
    found = JournalEntry.objects.filter(client=client).order_by().values_list("currency", flat=True).distinct()
    return sorted({client.currency, *found}, key=lambda name: (name != client.currency, name))


def latest_pdf(asked: Statement) -> StatementPdf | None:
    """The PDF that was asked for of just this statement, if nothing has moved since."""
    upto = latest_entry(asked.client, asked.currency)
    rows = StatementPdf.objects.filter(client=asked.client, currency=asked.currency, upto=upto).select_related("pdf")
    return rows.filter(starts=asked.starts, ends=asked.ends).first() if upto else None


def latest_entry(client: Client, currency: str) -> JournalEntry | None:
    """The youngest entry of a client's account. Keys are made in order."""
    found: JournalEntry | None = JournalEntry.objects.filter(client=client, currency=currency).order_by("-id").first()
    return found


def client_page(words: str, today: date, params: Mapping[str, str], size: int = 50) -> tuple[Page[Client], list[Row]]:
    """Clients whose name begins with the words, with what they owe."""
    rows = Client.objects.living()
    for word in words.split():
        rows = rows.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    page = page_of(rows, order=("name", "id"), params=params, size=size)
    owing = {row.client.pk: row for row in rows_of(today, [client.pk for client in page])}
    return page, [owing.get(client.pk) or Row(client, client.currency, Aged()) for client in page]
