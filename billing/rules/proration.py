"""Periods of an agreement, and the part of one that is charged: by day, with the denominator said.

A part's price is the whole's times days covered over days in the period. Parts of one period are rounded so that they add up to
the whole to the cent, in whatever way it is cut.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.choices import BillingPeriod, CountRule

from . import money

MONTHS = {BillingPeriod.MONTH: 1, BillingPeriod.QUARTER: 3, BillingPeriod.YEAR: 12}
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """Days from `start` to `end`, both within."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"no period: {self}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def overlap(self, other: Period) -> Period | None:
        """The days that both have."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start <= end else None


def period_of(day: date, every: str) -> Period:
    """The calendar month, quarter or year that a day lies in."""
    months = MONTHS[BillingPeriod(every)]
    first = (day.month - 1) // months * months + 1
    last = first + months - 1
    return Period(date(day.year, first, 1), date(day.year, last, calendar.monthrange(day.year, last)[1]))


def periods_between(first: date, last: date, every: str) -> Iterator[Period]:
    """The whole periods from the one that `first` lies in to the one that `last` does."""
    day = first
    while day <= last:
        period = period_of(day, every)
        yield period
        day = period.end + _DAY


def add_months(day: date, months: int) -> date:
    """The same day of a later month; its last day where it has no such day (31 January plus one: 28 or 29 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def part(price: Decimal, before: int, days: int, denominator: int, currency: str) -> Decimal:
    """What `days` of a period of `denominator` days cost, `before` of which were charged in an earlier part.

    Rounded between running totals, so that the parts of a period always add up to its price.
    """
    if not (before >= 0 and days > 0 and before + days <= denominator):
        raise ValueError(f"no part: {before} + {days} of {denominator} days")
    upto = money.quantise(price * (before + days) / denominator, currency)
    return upto - money.quantise(price * before / denominator, currency)


@dataclass(frozen=True)
class Stretch:
    """Days with one quantity."""

    days: Period
    quantity: Decimal


def quantities(
    log: Sequence[tuple[date, Decimal]], within: Period, rule: str, at_least: Decimal = money.ZERO
) -> list[Stretch]:
    """The quantities charged for the days `within`, from the log of changes: (first day, quantity), in order.

    Before the first row of the log the first quantity holds: that is when counting began.
    """
    daily = list(_daily(log, within))
    match rule:
        case CountRule.START:
            daily = [Stretch(within, daily[0].quantity)]
        case CountRule.END:
            daily = [Stretch(within, daily[-1].quantity)]
        case CountRule.PEAK:
            daily = [Stretch(within, max(piece.quantity for piece in daily))]
    return _joined([Stretch(piece.days, max(piece.quantity, at_least)) for piece in daily])


def _daily(log: Sequence[tuple[date, Decimal]], within: Period) -> Iterator[Stretch]:
    known = dict(log)  # of two rows of a day the later counts
    days = sorted(known)
    holds = known[max((day for day in days if day <= within.start), default=days[0])]
    start = within.start
    for day in days:
        if within.start < day <= within.end:
            yield Stretch(Period(start, day - _DAY), holds)
            start, holds = day, known[day]
    yield Stretch(Period(start, within.end), holds)


def _joined(pieces: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for piece in pieces:
        if found and found[-1].quantity == piece.quantity:
            found[-1] = Stretch(Period(found[-1].days.start, piece.days.end), piece.quantity)
        else:
            found.append(piece)
    return found
