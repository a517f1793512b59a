"""Drawing from what was paid ahead: what is included first, then the block that expires first. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from billing.choices import BlockKind, BlockUnit

from . import money

_MINUTES_IN_HOUR = 60


@dataclass
class Purse:
    """A block as it is being drawn from; `left` in minutes or in money of `currency`, by `unit`."""

    key: UUID
    kind: str
    unit: str
    left: Decimal
    currency: str
    valid_from: date
    expires_on: date | None = None
    may_go_negative: bool = False

    def is_usable(self, on: date) -> bool:
        return self.valid_from <= on and (self.expires_on is None or on <= self.expires_on)

    @property
    def order(self) -> tuple[bool, date, date, str]:
        """Included before prepaid; of those the first to expire; of those the oldest."""
        return self.kind != BlockKind.ALLOWANCE, self.expires_on or date.max, self.valid_from, str(self.key)

    def cost(self, minutes: int, multiplier: Decimal, price: Decimal) -> Decimal:
        """What so much work takes out: minutes times their factor, or what it would cost at its hourly price."""
        if self.unit == BlockUnit.MINUTES:
            return minutes * multiplier
        return money.line_amount(money.hours(minutes), price, self.currency)

    def room(self, minutes: int, multiplier: Decimal, price: Decimal) -> int:
        """How many of the minutes fit in without overdrawing."""
        if self.cost(minutes, multiplier, price) <= self.left:
            return minutes
        if self.left <= money.ZERO:
            return 0
        each = multiplier if self.unit == BlockUnit.MINUTES else price / _MINUTES_IN_HOUR
        fits = min(int((self.left / each).to_integral_value(ROUND_FLOOR)), minutes)
        # Money is rounded by the hundredth of an hour and by the minor unit, so the estimate may be a minute off.
        while fits and self.cost(fits, multiplier, price) > self.left:
            fits -= 1
        while fits < minutes and self.cost(fits + 1, multiplier, price) <= self.left:
            fits += 1
        return fits


@dataclass(frozen=True)
class Draw:
    """Minutes of work that a purse bears, and what they took out of it."""

    purse: Purse
    minutes: int
    amount: Decimal


def draw(purses: Iterable[Purse], on: date, minutes: int, *, multiplier: Decimal, price: Decimal) -> Iterator[Draw]:
    """Take work out of the purses that are usable on a day, until it is borne or they are empty; `left` goes down meanwhile.

    Purses that may be overdrawn bear the rest once all are empty, the first to expire first.
    """
    usable = sorted((purse for purse in purses if purse.is_usable(on)), key=lambda purse: purse.order)
    for purse in usable:
        if minutes and (fits := purse.room(minutes, multiplier, price)):
            yield _taken(purse, fits, multiplier, price)
            minutes -= fits
    rest = next((purse for purse in usable if purse.may_go_negative), None)
    if minutes and rest is not None:
        yield _taken(rest, minutes, multiplier, price)


def _taken(purse: Purse, minutes: int, multiplier: Decimal, price: Decimal) -> Draw:
    amount = purse.cost(minutes, multiplier, price)
    purse.left -= amount
    return Draw(purse, minutes, amount)


def carried(left: Decimal, cap: Decimal) -> Decimal:
    """What goes on into the next block: what is left, up to the cap, and what was overdrawn."""
    return min(left, cap)
