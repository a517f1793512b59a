"""Where an agreement is heading: what its term costs in the end, from what it cost so far. Pure; minutes are whole, shares of 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .costing import Margin, part_of
from .money import ZERO
from .proration import Period, add_months, periods_between

EARLY = Decimal("0.1")  # before a tenth is done the plan says more than what was worked so far
_DAY = timedelta(days=1)


def term_of(starts_on: date, ends_on: date | None, months: int, today: date) -> Period:
    """The term that a day lies in: up to the agreed end, else the agreement's own year."""
    if ends_on is not None:
        return Period(max(starts_on, add_months(ends_on + _DAY, -months)), ends_on)
    first, years = starts_on, 0
    while add_months(starts_on, 12 * (years + 1)) <= today:
        years += 1
        first = add_months(starts_on, 12 * years)
    return Period(first, add_months(starts_on, 12 * (years + 1)) - _DAY)


def periods_in(term: Period, every: str) -> Decimal:
    """How many months, quarters or years a term has; a part of one counts by its days."""
    return sum(_parts(term, every), ZERO)


def _parts(term: Period, every: str) -> Iterator[Decimal]:
    for period in periods_between(term.start, term.end, every):
        within = period.overlap(term)
        if within is not None:
            yield Decimal(within.days) / period.days


def elapsed(term: Period, today: date) -> Decimal:
    """The share of a term that is over at the end of a day."""
    over = Period(term.start, min(today, term.end)).days if today >= term.start else 0
    return Decimal(over) / term.days


def expected_minutes(actual: int, planned: int | None, done: Decimal) -> int | None:
    """What the work comes to in the end: it goes on as so far. Early on it comes to what was planned, or to what it took already."""
    if done >= EARLY:
        return max(actual, round(actual / done))
    return max(actual, planned) if planned is not None else None


@dataclass(frozen=True)
class Outlook:
    """A term's plan, what it came to so far, and where it is heading. `hour`: what an hour of work costs, loaded; None: not known."""

    planned: int | None
    actual: int
    done: Decimal
    fee: Decimal
    cost: Decimal
    hour: Decimal | None

    @property
    def expected(self) -> int | None:
        return expected_minutes(self.actual, self.planned, self.done)

    @property
    def planned_cost(self) -> Decimal | None:
        return None if self.planned is None or self.hour is None else self.planned * self.hour / 60

    @property
    def expected_cost(self) -> Decimal | None:
        """What was worked costs what it cost; the rest costs what an hour does."""
        if self.expected is None or self.hour is None:
            return None
        return self.cost + (self.expected - self.actual) * self.hour / 60

    @property
    def margin(self) -> Margin | None:
        cost = self.expected_cost
        return None if cost is None else Margin(revenue=self.fee, labour=cost)

    @property
    def is_over(self) -> bool:
        """It takes more than was planned."""
        return self.planned is not None and self.expected is not None and self.expected > self.planned

    @property
    def percent_done(self) -> int:
        return round(100 * self.done)

    @property
    def percent_used(self) -> int | None:
        """Worked of the planned hours."""
        return part_of(self.actual, self.planned) if self.planned else None
