"""Which open invoices a line of a bank statement may pay, and why: suggestions for a person, never a booking."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from uuid import UUID

from .lines import Line

SHOWN = 3  # suggestions beside a line
SURE = 80  # points from which a line may be confirmed together with others
_TOGETHER = 3  # invoices that one payment may settle, beside all of a client's
_MOST_TRIED = 12  # open invoices of one client whose sums are tried
_LEGAL = frozenset(
    [
        "ltd",
        "limited",
        "gmbh",
        "ag",
        "kg",
        "co",
        "inc",
        "llc",
        "plc",
        "bv",
        "nv",
        "sa",
        "sarl",
        "sas",
        "srl",
        "ug",
        "ohg",
        "und",
        "and",
        "the",
        "mr",
        "mrs",
        "dr",
    ]
)


class Reason(StrEnum):
    NUMBER = "number"
    AMOUNT = "amount"
    SUM = "sum"
    IBAN = "iban"
    NAME = "name"


POINTS = {Reason.NUMBER: 60, Reason.AMOUNT: 25, Reason.SUM: 20, Reason.IBAN: 30, Reason.NAME: 20}


@dataclass(frozen=True)
class OpenItem:
    """An open invoice as matching sees it."""

    invoice_id: UUID
    client_id: UUID
    number: str
    currency: str
    owed: Decimal


@dataclass(frozen=True)
class Suggestion:
    """`items` empty: the client is known, but not what it pays; the money goes on account."""

    client_id: UUID
    items: tuple[OpenItem, ...]
    reasons: tuple[Reason, ...]
    points: int

    @property
    def is_sure(self) -> bool:
        return self.points >= SURE and bool(self.items)


def suggestions(
    line: Line, items: Sequence[OpenItem], *, names: Mapping[UUID, str], ibans: Collection[tuple[str, UUID]]
) -> list[Suggestion]:
    """The best few, the likeliest first. `names`: client -> name; `ibans`: accounts that clients have paid from before."""
    fitting = [item for item in items if item.currency == line.currency]
    written = _bare(f"{line.text} {line.name}")
    named = [item for item in fitting if _is_written(item.number, written)]
    payers = {client for iban, client in ibans if line.iban and iban == line.iban}
    alike = {client for client, name in names.items() if _is_alike(name, line.name)}
    wanted = {item.client_id for item in named} | payers | alike
    wanted |= {item.client_id for item in fitting if item.owed == line.amount}
    found = [
        _of_client(
            client,
            line.amount,
            [item for item in fitting if item.client_id == client],
            [item for item in named if item.client_id == client],
            [reason for reason, known in ((Reason.IBAN, payers), (Reason.NAME, alike)) if client in known],
        )
        for client in wanted
    ]
    best = sorted(
        (each for each in found if each.points >= POINTS[Reason.NAME]),
        key=lambda each: (-each.points, str(each.client_id)),
    )
    return best[:SHOWN]


def _of_client(
    client: UUID, amount: Decimal, items: list[OpenItem], named: list[OpenItem], reasons: list[Reason]
) -> Suggestion:
    """`items`: the client's open invoices, `named` those whose number is written; `reasons` say who pays."""
    is_known, chosen = bool(reasons), tuple(named)
    if named:
        reasons = [Reason.NUMBER, *reasons, *([Reason.AMOUNT] if totals(named) == amount else [])]
    elif exact := [item for item in items if item.owed == amount]:
        reasons = [*reasons, Reason.AMOUNT]
        chosen = (exact[0],) if len(exact) == 1 or is_known else ()
    elif several := _summing(items, amount):
        reasons, chosen = [*reasons, Reason.SUM], several
    return Suggestion(client, chosen, tuple(reasons), sum(POINTS[reason] for reason in reasons))


def _summing(items: list[OpenItem], amount: Decimal) -> tuple[OpenItem, ...]:
    """Invoices that come to the amount together: all of them, or a few of the longest open ones."""
    if len(items) > 1 and totals(items) == amount:
        return tuple(items)
    for size in range(2, _TOGETHER + 1):
        for some in combinations(items[:_MOST_TRIED], size):
            if totals(some) == amount:
                return some
    return ()


def _bare(text: str) -> str:
    """Capitals and digits with single blanks for the rest: INV-0042, inv 0042 and Inv/0042 are one."""
    return f" {' '.join(re.findall(r'[A-Z]+|[0-9]+', _plain(text).upper()))} "


def _is_written(number: str, written: str) -> bool:
    """Whether a document's number stands in the text: whole, or its digits alone when they are long enough to mean it."""
    bare = _bare(number).strip()
    digits = re.findall(r"[0-9]+", number)
    last = digits[-1] if digits else ""
    return f" {bare} " in written or (len(last) >= 5 and f" {last} " in written)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _words(name: str) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", _plain(name).lower()) if len(word) > 1 and word not in _LEGAL}


def _is_alike(name: str, said: str) -> bool:
    """Whether all words of the shorter name stand in the longer one, and more than a very short one."""
    one, two = _words(name), _words(said)
    less, more = sorted((one, two), key=len)
    return bool(less) and less <= more and sum(map(len, less)) >= 4


def totals(items: Iterable[OpenItem]) -> Decimal:
    return sum((item.owed for item in items), Decimal(0))
