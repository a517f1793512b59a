"""The ledger: balances, entries, and what the accountant's program is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet, Sum

from billing.choices.paying import Account
from billing.models import AccountCode, Books, JournalEntry, JournalLine
from billing.rules import exporting
from billing.rules.money import ZERO
from msp.tenancy.keyset import Page, page_of

# Where nobody said another number: the nominal codes that many British shops use.
USUAL_CODES = {
    Account.RECEIVABLES: "1100",
    Account.ON_ACCOUNT: "2110",
    Account.BANK: "1200",
    Account.CARD: "1210",
    Account.REVENUE: "4000",
    Account.TAX: "2200",
    Account.WRITE_OFF: "4900",
    Account.BAD_DEBT: "8100",
    Account.ROUNDING: "8200",
}
BY_RATE = (Account.REVENUE, Account.TAX)  # accounts that may have a code for each tax rate


@dataclass(frozen=True)
class Balance:
    """What one account came to in one currency, at the end of a day."""

    account: Account
    currency: str
    amount: Decimal

    @property
    def debit(self) -> Decimal:
        return max(self.amount, ZERO)

    @property
    def credit(self) -> Decimal:
        return max(-self.amount, ZERO)


def balances(on: date) -> list[Balance]:
    """Every account that has moved, in the order of the accounts. They come to nothing in each currency."""
    rows = JournalLine.objects.filter(booked_on__lte=on).order_by().values_list("account", "currency")
    found = {(account, currency): amount for account, currency, amount in rows.annotate(sum=Sum("amount"))}
    keys = sorted(found, key=lambda key: (key[1], list(Account.values).index(key[0])))
    return [Balance(Account(account), currency, found[account, currency]) for account, currency in keys]


def entry_page(starts: date, ends: date, params: Mapping[str, str], size: int = 50) -> Page[JournalEntry]:
    """Entries of a period with their lines, the newest first. Two queries."""
    return page_of(_entries(starts, ends), order=("-booked_on", "-id"), params=params, size=size)


def _entries(starts: date, ends: date) -> QuerySet[JournalEntry]:
    lines = Prefetch("journal_lines", JournalLine.objects.order_by("-amount", "id"), to_attr="shown")
    rows = JournalEntry.objects.filter(booked_on__range=(starts, ends))
    return rows.select_related("client").prefetch_related(lines)


def _lines_of(entry: JournalEntry) -> list[JournalLine]:
    """What `_entries` has loaded with it."""
    found: list[JournalLine] = entry.shown  # type: ignore[attr-defined]
    return found


def books() -> Books:
    """The shop's books; an unsaved row before anything was booked."""
    return Books.objects.first() or Books()


def codes() -> dict[tuple[str, Decimal | None], str]:
    """(account, tax rate or None) -> its code, as said or as usual."""
    usual: dict[tuple[str, Decimal | None], str] = {(account, None): code for account, code in USUAL_CODES.items()}
    return usual | {(row.account, row.tax_rate): row.code for row in AccountCode.objects.all()}


def rates_used() -> list[Decimal]:
    """The tax rates that anything was booked at, the highest first."""
    rows = JournalLine.objects.filter(account__in=BY_RATE, tax_rate__isnull=False).order_by("-tax_rate")
    return [rate for rate in rows.values_list("tax_rate", flat=True).distinct() if rate is not None]


def exported(starts: date, ends: date, most: int) -> Iterator[exporting.Entry]:
    """The entries of a period as files say them, in the order of their days; `most` lines at the very most are read."""
    known = codes()
    for entry in _entries(starts, ends).order_by("booked_on", "id")[:most]:
        lines = [
            exporting.Line(
                exporting.code_of(known, line.account, line.tax_rate),
                str(Account(line.account).label),
                line.amount,
                line.tax_rate,
            )
            for line in _lines_of(entry)
        ]
        said = str(entry.get_kind_display())
        key = entry.pk.hex[-12:].upper()
        yield exporting.Entry(key, said, entry.number, entry.client.name, entry.currency, entry.booked_on, lines)
