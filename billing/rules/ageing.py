"""How long money has been owed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import ZERO

STEPS = (30, 60, 90)  # days past due; what is longer goes into one more column


@dataclass(frozen=True)
class Aged:
    """What is owed at a day, by age: not due yet, then past due by up to each of STEPS, and longer.

    `credit_notes` is not above zero: what is left of them. `on_account` is what clients have with us.
    """

    not_due: Decimal = ZERO
    late: tuple[Decimal, ...] = (ZERO,) * (len(STEPS) + 1)
    credit_notes: Decimal = ZERO
    on_account: Decimal = ZERO

    @property
    def receivables(self) -> Decimal:
        """What the account Receivables must say."""
        return self.not_due + sum(self.late, ZERO) + self.credit_notes

    @property
    def past_due(self) -> Decimal:
        return sum(self.late, ZERO)

    @property
    def balance(self) -> Decimal:
        """What is owed after everything that the client has with us."""
        return self.receivables - self.on_account


def column_of(due_on: date, on: date) -> int:
    """The column of something owed: 0 not due, then 1, 2 … as STEPS say."""
    days = (on - due_on).days
    if days <= 0:
        return 0
    return 1 + next((place for place, step in enumerate(STEPS) if days <= step), len(STEPS))


def aged(open_items: Iterable[tuple[Decimal, date]], on_account: Decimal, on: date) -> Aged:
    """Open amounts with their due days (below zero: a credit note) as they stand at a day."""
    columns, notes = [ZERO] * (len(STEPS) + 2), ZERO
    for amount, due_on in open_items:
        if amount < ZERO:
            notes += amount
        else:
            columns[column_of(due_on, on)] += amount
    return Aged(columns[0], tuple(columns[1:]), notes, on_account)
