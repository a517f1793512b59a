"""The ledger as the accountant's program wants it: one kind of file a program. No database here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from . import money

SEPARATOR, LINE_END = ";", "\r\n"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


@dataclass(frozen=True)
class Line:
    """One line of an entry. `code`: the account in the shop's chart; debits are positive."""

    code: str
    account: str
    amount: Decimal
    tax_rate: Decimal | None = None

    @property
    def debit(self) -> Decimal | None:
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        return -self.amount if self.amount < 0 else None


@dataclass(frozen=True)
class Entry:
    """One balanced entry with everything that a file says about it."""

    key: str
    kind: str
    number: str
    client: str
    currency: str
    booked_on: date
    lines: Sequence[Line]

    @property
    def said(self) -> str:
        return " ".join(part for part in (self.kind, self.number, self.client) if part)


@dataclass(frozen=True)
class Pair:
    """An amount from one account to another, as programs with account and counter-account book it."""

    debit: Line
    credit: Line
    amount: Decimal


def pairs(lines: Sequence[Line]) -> list[Pair]:
    """A balanced entry as amounts between two accounts each, the fewest that a simple walk finds. Adds up by account."""
    left = [abs(line.amount) for line in lines]
    debits = [place for place, line in enumerate(lines) if line.amount > 0]
    credits = [place for place, line in enumerate(lines) if line.amount < 0]
    found: list[Pair] = []
    while debits and credits:
        debit, credit = debits[0], credits[0]
        amount = min(left[debit], left[credit])
        found.append(Pair(lines[debit], lines[credit], amount))
        for place, side in ((debit, debits), (credit, credits)):
            left[place] -= amount
            if not left[place]:
                side.pop(0)
    return found


# --- QuickBooks and Xero: journals ---

QUICKBOOKS_HEADS = (
    "Journal No",
    "Journal Date",
    "Currency",
    "Memo",
    "Account",
    "Debits",
    "Credits",
    "Description",
    "Name",
)
XERO_HEADS = ("*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount")
XERO_TAX = "Tax Exempt"  # the tax is a line of its own: Xero must add none


def quickbooks_rows(entries: Iterable[Entry]) -> Iterator[list[object]]:
    """A row a line. QuickBooks asks for the format of the day when it imports."""
    for entry in entries:
        for line in entry.lines:
            sums = [_plain(line.debit, entry.currency), _plain(line.credit, entry.currency)]
            day = entry.booked_on.isoformat()
            yield [entry.key, day, entry.currency, entry.said, line.code, *sums, entry.number, entry.client]


def xero_rows(entries: Iterable[Entry]) -> Iterator[list[object]]:
    """A row a line, one journal an entry: Xero puts rows of one narration and day together, so the key stands in it."""
    for entry in entries:
        for line in entry.lines:
            day, amount = f"{entry.booked_on:%d/%m/%Y}", _plain(line.amount, entry.currency)
            yield [f"{entry.said} ({entry.key})", day, entry.number, line.code, XERO_TAX, amount]


def _plain(amount: Decimal | None, currency: str) -> Decimal | None:
    return None if amount is None else money.quantise(amount, currency)


# --- DATEV: EXTF Buchungsstapel ---

DATEV_HEADS = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz", "Konto",
    "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext",
)  # fmt: skip


@dataclass(frozen=True)
class Datev:
    """What DATEV's head line asks for. `consultant` and `client` are the accountant's numbers for themselves and for the shop."""

    consultant: int
    client: int
    year_begins: date
    code_digits: int
    starts: date
    ends: date
    made_at: datetime


def datev_file(entries: Iterable[Entry], head: Datev) -> bytes:
    """An EXTF file, format 700, Buchungsstapel version 13 (DATEV, "DATEV-Format", as published): Windows-1252, semicolons, CRLF.

    Each row is an amount between two accounts; the tax is booked by itself, so the accounts must be without DATEV's own tax.
    Never read by DATEV itself here.
    """
    rows = [_datev_head(head), SEPARATOR.join(DATEV_HEADS)]
    rows += [_datev_row(entry, pair) for entry in entries for pair in pairs(entry.lines)]
    return (LINE_END.join(rows) + LINE_END).encode("cp1252", errors="replace")


def _datev_head(head: Datev) -> str:
    made = f"{head.made_at:%Y%m%d%H%M%S}{head.made_at.microsecond // 1000:03d}"
    days = [f"{day:%Y%m%d}" for day in (head.year_begins, head.starts, head.ends)]
    first = ['"EXTF"', "700", "21", '"Buchungsstapel"', "13", made, "", '"MS"', '""', '""']
    whose = [str(head.consultant), str(head.client), days[0], str(head.code_digits), days[1], days[2]]
    rest = ['"Mainstay"', '""', "1", "0", "0", '"EUR"', "", '""', "", "", '""', "", "", '""', '""']
    return SEPARATOR.join([*first, *whose, *rest])


def _datev_row(entry: Entry, pair: Pair) -> str:
    amount = f"{money.quantise(pair.amount, entry.currency):.2f}".replace(".", ",")
    accounts = [pair.debit.code, pair.credit.code]
    document = "".join(c for c in entry.number if c.isalnum() or c in "$&%*+-/")[:36]
    texts = [f'"{document}"', '""', "", f'"{quoted(entry.said, 60)}"']
    return SEPARATOR.join(
        [amount, '"S"', f'"{entry.currency}"', "", "", '""', *accounts, '""', f"{entry.booked_on:%d%m}", *texts]
    )


def quoted(text: str, most: int) -> str:
    """Text for between quotes: no line ends, quotes doubled, and nothing that a spreadsheet would run."""
    bare = " ".join(text.split())
    while bare.startswith(_FORMULA):
        bare = bare[1:].lstrip()
    return bare[:most].replace('"', '""')


def code_of(codes: Mapping[tuple[str, Decimal | None], str], account: str, rate: Decimal | None) -> str:
    """The code of an account: of the one for this tax rate, or else of the account. Raises KeyError when nobody said."""
    return codes.get((account, rate)) or codes[account, None]
