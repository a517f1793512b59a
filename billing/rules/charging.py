"""What an agreement costs for a period: each recurring item times its quantity, by day where it did not hold for all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from billing.choices import CountRule, Proration, TrueUp

from . import money
from .proration import Period, Stretch, part, quantities

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ItemTerms:
    """A recurring item of a version; `unit_price` for a whole period."""

    key: UUID
    label: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    is_counted: bool = False
    count_rule: str = CountRule.START
    at_least: int = 0


@dataclass(frozen=True)
class VersionTerms:
    number: int
    valid_from: date
    items: tuple[ItemTerms, ...]
    proration: str = Proration.DAYS
    true_up: str = TrueUp.NONE


@dataclass(frozen=True)
class ChargeLine:
    """One line of a period's invoice. `days` of `of_days` are charged; `unit_price` is that part's."""

    item: ItemTerms
    version: int
    days: Period
    of_days: int
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal

    @property
    def is_part(self) -> bool:
        return self.unit_price != self.item.unit_price or self.days.days != self.of_days


Log = Sequence[tuple[date, Decimal]]


def charge_lines(
    versions: Sequence[VersionTerms], runs: Period, period: Period, logs: Mapping[UUID, Log], currency: str
) -> list[ChargeLine]:
    """The lines of a period, item by item, for the days on which the agreement `runs`.

    `logs`: item key -> (first day, quantity) of the counted items, never empty.
    """
    covered = period.overlap(runs)
    if covered is None:
        return []
    charged: dict[tuple[UUID, Decimal], int] = defaultdict(int)
    found = []
    for version, days in _in_force(versions, covered):
        whole = version.proration == Proration.WHOLE
        for item in version.items:
            for stretch in _stretches(item, period if whole else days, logs):
                done = charged[item.key, item.unit_price]
                price = (
                    item.unit_price if whole else part(item.unit_price, done, stretch.days.days, period.days, currency)
                )
                charged[item.key, item.unit_price] += stretch.days.days
                amount = money.line_amount(stretch.quantity, price, currency)
                if stretch.quantity:
                    line = (stretch.days, period.days, stretch.quantity, price, amount)
                    found.append(ChargeLine(item, version.number, *line))
    return found


@dataclass(frozen=True)
class TrueUpLine:
    """What days of a period that was charged ahead cost more, or less: `counted` instead of `charged`. `unit_price` is that part's, below
    zero where less was counted.
    """

    item: ItemTerms
    version: int
    days: Period
    of_days: int
    charged: Decimal
    counted: Decimal
    unit_price: Decimal
    amount: Decimal

    @property
    def quantity(self) -> Decimal:
        return abs(self.counted - self.charged)


Charged = Mapping[tuple[UUID, date], Decimal]


def true_up_lines(
    versions: Sequence[VersionTerms],
    runs: Period,
    period: Period,
    logs: Mapping[UUID, Log],
    currency: str,
    *,
    charged: Charged | None = None,
) -> list[TrueUpLine]:
    """What a period that was charged ahead, by the number at its start, costs by day as the number changed.

    `charged`: (item key, first day) -> the number that stands on its invoice, where that is known. With whole periods only, nothing.
    """
    covered = period.overlap(runs)
    if covered is None:
        return []
    found = []
    for version, days in _in_force(versions, covered):
        if version.true_up == TrueUp.NONE or version.proration == Proration.WHOLE:
            continue
        for item in version.items:
            if item.is_counted and item.count_rule == CountRule.START:
                was = (charged or {}).get((item.key, days.start))
                for stretch, number in _changes(item, days, logs[item.key], was):
                    more = stretch.quantity - number
                    if more and (more > 0 or version.true_up == TrueUp.BOTH):
                        before = (stretch.days.start - covered.start).days
                        price = part(item.unit_price, before, stretch.days.days, period.days, currency)
                        price = price if more > 0 else -price
                        line = (stretch.days, period.days, number, stretch.quantity, price)
                        amount = money.line_amount(abs(more), price, currency)
                        found.append(TrueUpLine(item, version.number, *line, amount))
    return found


def _changes(item: ItemTerms, days: Period, log: Log, was: Decimal | None) -> Iterator[tuple[Stretch, Decimal]]:
    """The stretches of an item's days, each with the number that was charged for them."""
    least = Decimal(item.at_least)
    if was is None:
        was = quantities(log, days, CountRule.START, least)[0].quantity
    for stretch in quantities(log, days, CountRule.DAILY, least):
        yield stretch, was


def _in_force(versions: Sequence[VersionTerms], covered: Period) -> Iterator[tuple[VersionTerms, Period]]:
    """The versions of some days with the days of each; with whole periods only, the first one's."""
    ordered = sorted(versions, key=lambda version: version.valid_from)
    for place, version in enumerate(ordered):
        last = ordered[place + 1].valid_from - _DAY if place + 1 < len(ordered) else date.max
        begins = date.min if place == 0 else version.valid_from
        days = covered.overlap(Period(begins, last)) if begins <= last else None
        if days is None:
            continue
        yield version, days
        if version.proration == Proration.WHOLE:
            return


def _stretches(item: ItemTerms, days: Period, logs: Mapping[UUID, Log]) -> list[Stretch]:
    if not item.is_counted:
        return [Stretch(days, item.quantity)]
    return quantities(logs[item.key], days, item.count_rule, Decimal(item.at_least))
