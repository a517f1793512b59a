"""Margins, and which months a report looks at. Pure arithmetic; amounts in one currency, before tax."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import ZERO


@dataclass(frozen=True)
class Margin:
    """What came in against what it cost us. `labour` is loaded: wages and overhead."""

    revenue: Decimal = ZERO
    labour: Decimal = ZERO
    parts: Decimal = ZERO
    written_off: Decimal = ZERO

    @property
    def cost(self) -> Decimal:
        return self.labour + self.parts + self.written_off

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.cost

    @property
    def percent(self) -> int | None:
        """Of the revenue, rounded half to even; None without any."""
        return round(100 * self.profit / self.revenue) if self.revenue > 0 else None

    @property
    def is_loss(self) -> bool:
        return self.profit < 0

    def __add__(self, other: Margin) -> Margin:
        return Margin(
            self.revenue + other.revenue,
            self.labour + other.labour,
            self.parts + other.parts,
            self.written_off + other.written_off,
        )


def part_of(part: int, whole: int) -> int | None:
    """A share in whole percent; None of nothing."""
    return round(100 * part / whole) if whole else None


def per_hour(amount: Decimal, minutes: int) -> Decimal | None:
    """What an hour came to; None without any."""
    return amount * 60 / minutes if minutes else None


def months_back(today: date, months: int) -> date:
    """The first day of the month `months` before this one; 0 is this month."""
    count = today.year * 12 + today.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
