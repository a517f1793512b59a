"""A line of a bank statement, and the mark by which it is known again."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MOST_LINES = 10_000  # of one file
LONGEST_NAME, LONGEST_TEXT = 200, 2000


class Unreadable(ValueError):
    """The file is not what it says, or says something that a statement cannot; the message is for people."""


@dataclass(frozen=True)
class Line:
    """`amount` below zero went out. `key` is the bank's own for it, where it gives one. `currency` "": the account's."""

    booked_on: date
    amount: Decimal
    currency: str = ""
    name: str = ""
    iban: str = ""
    text: str = ""
    key: str = ""


def tidy(text: str | None, most: int = LONGEST_TEXT) -> str:
    """One line without control characters, at most `most` long."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text or "").strip()[:most]


def tidy_iban(text: str | None) -> str:
    """An IBAN without its blanks, in capitals; nothing where it cannot be one."""
    found = re.sub(r"\s", "", text or "").upper()
    return found if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", found) else ""


def marked(lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Each line with its fingerprint: the bank's own key, or what it says and which of several alike it is.

    Two files that overlap bring whole days, so the second of two lines alike is the second again.
    """
    alike: Counter[str] = Counter()
    for line in lines:
        said = [line.booked_on.isoformat(), str(line.amount.normalize()), line.currency]
        said += [f"key:{line.key}"] if line.key else [line.name, line.iban, line.text]
        plain = "\x1f".join(said)
        alike[plain] += 1
        yield hashlib.sha256(f"{plain}\x1f{alike[plain]}".encode()).hexdigest(), line
