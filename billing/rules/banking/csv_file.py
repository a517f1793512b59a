"""Bank statements as CSV: every bank has its own columns, so the shop says once which is which."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .lines import LONGEST_NAME, MOST_LINES, Line, Unreadable, tidy, tidy_iban

ROLES = ("booked_on", "amount", "money_in", "money_out", "currency", "name", "iban", "text", "key")
DATES = {
    "ymd": ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"),
    "dmy": ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"),
}
_GUESSES: Mapping[str, tuple[str, ...]] = {
    "booked_on": ("date", "booking date", "transaction date", "buchungstag", "buchungsdatum", "datum", "fecha"),
    "amount": ("amount", "value", "betrag", "umsatz", "importe", "montant", "bedrag"),
    "money_in": ("credit", "paid in", "money in", "credit amount", "haben", "gutschrift", "crédit"),
    "money_out": ("debit", "paid out", "money out", "debit amount", "soll", "lastschrift", "débit"),
    "currency": ("currency", "währung", "waehrung", "devise", "munt"),
    "name": (
        "name",
        "counterparty",
        "payee",
        "beguenstigter/zahlungspflichtiger",
        "auftraggeber / begünstigter",
        "empfänger",
    ),
    "iban": ("iban", "kontonummer/iban", "account number", "counterparty iban", "konto"),
    "text": ("description", "reference", "details", "verwendungszweck", "memo", "narrative", "concepto", "libellé"),
    "key": ("transaction id", "id", "reference number"),
}


@dataclass(frozen=True)
class Layout:
    """Which column is what, by its head. `columns`: role -> head. `dates`: a key of DATES. `decimal`: "." or ","."""

    columns: Mapping[str, str]
    dates: str = "ymd"
    decimal: str = "."

    @property
    def is_complete(self) -> bool:
        has_amount = bool(self.columns.get("amount") or self.columns.get("money_in"))
        return bool(self.columns.get("booked_on")) and has_amount


def decoded(content: bytes) -> str:
    """UTF-8, or else the Western code page that older banking programs write."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def heads_of(content: bytes) -> list[str]:
    """The heads of the columns. Raises Unreadable when there is no table."""
    return _table(content)[0]


def guessed(heads: Sequence[str], sample: bytes = b"") -> Layout:
    """A layout as far as the heads and the first values tell."""
    found: dict[str, str] = {}
    for role, names in _GUESSES.items():
        taken = set(found.values())
        fits = [head for name in names for head in heads if head.lower().strip() == name and head not in taken]
        fits += [
            head for name in names for head in heads if name in head.lower() and head not in taken and len(name) > 3
        ]
        if fits:
            found[role] = fits[0]
    if "amount" in found:
        found.pop("money_in", None), found.pop("money_out", None)
    return _with_habits(found, sample)


def _with_habits(columns: dict[str, str], sample: bytes) -> Layout:
    if not sample:
        return Layout(columns)
    heads, rows = _table(sample)
    days, sums = (
        _values(heads, rows, columns.get("booked_on")),
        _values(heads, rows, columns.get("amount") or columns.get("money_in")),
    )
    fitting = [name for name, forms in DATES.items() if days and all(_day(day, forms) for day in days)]
    comma = any(re.search(r",\d{1,2}$", each) for each in sums)
    return Layout(columns, fitting[0] if fitting else "dmy", "," if comma else ".")


def _values(heads: Sequence[str], rows: Sequence[Sequence[str]], head: str | None) -> list[str]:
    if head is None:
        return []
    place = list(heads).index(head)
    return [row[place].strip() for row in rows[:50] if len(row) > place and row[place].strip()]


def read_csv(content: bytes, layout: Layout) -> list[Line]:
    """The lines of a file. Raises Unreadable, naming the row, for what cannot be read."""
    heads, rows = _table(content)
    missing = [head for head in layout.columns.values() if head and head not in heads]
    if missing or not layout.is_complete:
        raise Unreadable(_("The file has no column “%s”.") % (missing or [_("date or amount")])[0])
    places = {role: heads.index(head) for role, head in layout.columns.items() if head}
    lines = []
    for number, row in enumerate(rows, start=2):
        said = {role: row[place].strip() if len(row) > place else "" for role, place in places.items()}
        if not any(said.values()) or not said["booked_on"]:
            continue  # banks end their files with sums and remarks
        lines.append(_line(said, layout, number))
    return lines


def _line(said: Mapping[str, str], layout: Layout, number: int) -> Line:
    day = _day(said["booked_on"], DATES[layout.dates])
    amount = _amount(said, layout)
    if day is None:
        raise Unreadable(
            _("Row %(row)d: “%(text)s” is no date of that kind.") % {"row": number, "text": said["booked_on"][:40]}
        )
    if amount is None:
        raise Unreadable(_("Row %d has no amount that can be read.") % number)
    return Line(
        booked_on=day,
        amount=amount,
        currency=said.get("currency", "").upper()[:3],
        name=tidy(said.get("name"), LONGEST_NAME),
        iban=tidy_iban(said.get("iban")),
        text=tidy(said.get("text")),
        key=tidy(said.get("key"), 120),
    )


def _amount(said: Mapping[str, str], layout: Layout) -> Decimal | None:
    if said.get("amount"):
        return number_of(said["amount"], layout.decimal)
    came, went = (
        number_of(said.get("money_in", ""), layout.decimal),
        number_of(said.get("money_out", ""), layout.decimal),
    )
    if came is None and went is None:
        return None
    return (came or Decimal(0)) - abs(went or Decimal(0))


def number_of(text: str, decimal: str) -> Decimal | None:
    """1.234,56 and -1,234.56 and 12,00- and (5.00) as they are meant; None for what is no number."""
    bare = re.sub(r"[^0-9.,()\-+]", "", text)
    is_out = bare.startswith(("-", "(")) or bare.endswith("-")
    bare = bare.strip("()+-").replace("." if decimal == "," else ",", "").replace(decimal, ".")
    try:
        found = Decimal(bare)
    except InvalidOperation:
        return None
    return -found if is_out else found


def _day(text: str, forms: Sequence[str]) -> date | None:
    for form in forms:
        try:
            return datetime.strptime(text.strip()[:10], form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def _table(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Heads and rows. Lines before the widest row are the bank's own remarks."""
    text = decoded(content).replace("\0", "")
    delimiter = max(";,\t|", key=text[:20_000].count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(_("This is no table that can be read.")) from error
    width = max((len(row) for row in rows), default=0)
    begin = next(
        (place for place, row in enumerate(rows) if len(row) >= max(width - 1, 2) and sum(map(bool, row)) > 1), None
    )
    if begin is None:
        raise Unreadable(_("This is no table that can be read."))
    if len(rows) > MOST_LINES:
        raise Unreadable(_("The file has more than %d lines: import a shorter period.") % MOST_LINES)
    return [tidy(head, 80) for head in rows[begin]], rows[begin + 1 :]
