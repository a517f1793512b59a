"""The rating rules: sixty and more worked agreements that an accountant can read, and what holds for any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.choices import CountRule, Coverage
from billing.rules import money
from billing.rules.blocks import Purse, carried
from billing.rules.charging import ItemTerms, VersionTerms, charge_lines
from billing.rules.coverage import cut
from billing.rules.proration import Period, add_months, part, period_of
from billing.rules.rating import ALWAYS, RatedLine, RateRules, Work, rate_work
from billing.rules.rounding import RoundingRule, shared
from clients.rules.calendars import Calendar, Window, minutes_between

from .golden import ZONE, Case, cases

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_worked_agreements(case: Case) -> None:
    assert case.found == case.wanted


def test_there_are_sixty_of_them() -> None:
    assert len(CASES) >= 60
    assert sorted(int(case.number) for case in CASES) == list(range(1, len(CASES) + 1))


# --- what holds for any work ---

OFFICE = Calendar(ZONE, tuple(Window(day, 9 * 60, 17 * 60) for day in range(5)), {date(2026, 4, 3): "Good Friday"})
TYPES = st.sampled_from(["remote", "on_site", "travel"])
SETS = st.frozensets(TYPES)
FACTORS = st.sampled_from([Decimal(text) for text in ("0", "1", "1.25", "1.5", "2")])
PRICES = st.decimals(Decimal(0), Decimal(300), places=2)
ROUNDINGS = st.builds(
    RoundingRule,
    step=st.sampled_from([1, 5, 6, 15, 30]),
    how=st.sampled_from(["up", "nearest"]),
    per=st.sampled_from(["entry", "visit", "ticket"]),
    minimum=st.sampled_from([0, 15, 60]),
)
RULES = st.builds(
    RateRules,
    currency=st.sampled_from(["GBP", "JPY", "BHD"]),
    hourly_rate=PRICES,
    calendar=st.sampled_from([ALWAYS, OFFICE]),
    on_site_rate=st.none() | PRICES,
    travel=st.sampled_from(["as_work", "own_rate", "flat", "free"]),
    travel_price=st.none() | PRICES,
    after_multiplier=FACTORS,
    day_off_multiplier=FACTORS,
    rounding=ROUNDINGS,
    includes=SETS,
    includes_after_hours=st.booleans(),
    not_from_blocks=SETS,
)
MOMENTS = st.integers(0, 21 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 20, tzinfo=ZONE) + timedelta(minutes=minutes)
)


@st.composite
def worked(draw: st.DrawFn) -> list[Work]:
    number = draw(st.integers(1, 6))
    return [
        Work(
            UUID(int=key),
            UUID(int=draw(st.integers(1, 3))),
            draw(st.sampled_from(["Ada", "Ben"])),
            draw(MOMENTS),
            draw(st.integers(1, 600)),
            draw(TYPES),
        )
        for key in range(1, number + 1)
    ]


@st.composite
def purses(draw: st.DrawFn, currency: str) -> list[Purse]:
    found = []
    for key in range(1, draw(st.integers(0, 4)) + 1):
        unit = draw(st.sampled_from(["minutes", "money"]))
        left = draw(st.integers(0, 900)) if unit == "minutes" else money.quantise(draw(PRICES), currency)
        expires = draw(st.none() | st.dates(date(2026, 3, 20), date(2026, 4, 12)))
        kind, valid = draw(st.sampled_from(["allowance", "prepaid"])), date(2026, 3, draw(st.integers(1, 31)))
        overdraws = draw(st.booleans())
        found.append(Purse(UUID(int=key), kind, unit, Decimal(left), currency, valid, expires, overdraws))
    return found


def test_no_minute_is_lost_and_no_block_overdrawn(scale: Callable[[int, int], int]) -> None:
    @settings(max_examples=scale(100, 20_000), deadline=None)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        rules, work = data.draw(RULES), data.draw(worked())
        blocks = data.draw(purses(rules.currency))
        before = {purse.key: purse.left for purse in blocks}
        lines = rate_work([(entry, rules) for entry in work], blocks)
        _check_lines(lines, rules)
        _check_purses(lines, blocks, before)
        _check_minutes(lines, rules, work)

    holds()


def _check_lines(lines: list[RatedLine], rules: RateRules) -> None:
    for line in lines:
        assert line.amount == money.line_amount(line.quantity, line.unit_price, rules.currency)
        assert money.is_exact(line.unit_price, rules.currency)
        assert line.amount == 0 or line.coverage == Coverage.RATE
        assert line.first.flat or line.quantity == money.hours(line.billed_minutes)


def _check_purses(lines: list[RatedLine], blocks: list[Purse], before: dict[UUID, Decimal]) -> None:
    drawn: dict[UUID, Decimal] = defaultdict(Decimal)
    for each in (each for line in lines for each in line.parts if each.purse):
        assert each.purse is not None
        drawn[each.purse.key] += each.drawn
    for purse in blocks:
        assert before[purse.key] - drawn[purse.key] == purse.left
        assert purse.left >= 0 or purse.may_go_negative


def _check_minutes(lines: list[RatedLine], rules: RateRules, work: list[Work]) -> None:
    billed: dict[UUID, int] = defaultdict(int)
    raw: dict[UUID, int] = defaultdict(int)
    for each in (each for line in lines for each in line.parts):
        billed[each.work.key] += each.minutes
        raw[each.work.key] += each.raw
    assert all(raw[entry.key] <= entry.minutes for entry in work)
    hourly = [entry for entry in work if not rules.is_flat(entry)]
    if rules.rounding.step == 1 and rules.rounding.minimum == 0:
        assert raw == {entry.key: entry.minutes for entry in work}
        assert {key: minutes for key, minutes in billed.items() if minutes} == {e.key: e.minutes for e in hourly}
    else:
        assert sum(billed.values()) == sum(_rounded_alone(rules, hourly))


def _rounded_alone(rules: RateRules, work: list[Work]) -> list[int]:
    """What the rounding rule says of each visit, worked out a second way."""
    visits: dict[object, int] = defaultdict(int)
    for entry in work:
        day = entry.started_at.astimezone(rules.calendar.zone).date()
        per = {"entry": entry.key, "visit": (entry.ticket, entry.who, day), "ticket": entry.ticket}
        visits[entry.work_type == "travel", per[rules.rounding.per]] += entry.minutes
    return [rules.rounding.billed(minutes) for minutes in visits.values()]


@given(MOMENTS, st.integers(1, 24 * 60))
def test_cutting_loses_no_minute_and_knows_the_service_hours(start: datetime, minutes: int) -> None:
    pieces = cut(OFFICE, start, minutes)
    assert sum(piece.minutes for piece in pieces) == minutes
    served = sum(piece.minutes for piece in pieces if piece.time_class == "hours")
    # A wall clock that jumps loses or repeats an hour; no service hours lie there.
    assert served == minutes_between(OFFICE, start, _later(start, minutes))


def _later(start: datetime, minutes: int) -> datetime:
    return start.astimezone(UTC) + timedelta(minutes=minutes)


@given(ROUNDINGS, st.lists(st.integers(0, 300), min_size=1, max_size=5), st.data())
def test_shares_of_rounded_time_add_up(rule: RoundingRule, raw: list[int], data: st.DataObject) -> None:
    billed = rule.billed(sum(raw))
    parts = shared(billed, raw, data.draw(st.lists(st.integers(0, 3), min_size=len(raw), max_size=len(raw))))
    assert sum(parts) == billed
    assert all(minutes >= 0 for minutes in parts)


@given(st.decimals(Decimal(0), Decimal(9999), places=2), st.integers(28, 366), st.data())
def test_parts_of_a_period_add_up_to_the_whole(price: Decimal, days: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.frozensets(st.integers(1, days - 1), max_size=5)))
    edges = [0, *cuts, days]
    parts = [part(price, first, last - first, days, "GBP") for first, last in pairwise(edges)]
    assert sum(parts) == price
    assert all(each >= 0 for each in parts)


@given(st.integers(0, 50), st.lists(st.tuples(st.integers(1, 30), st.integers(0, 50)), max_size=5), st.data())
def test_a_whole_period_costs_the_whole(first: int, changes: list[tuple[int, int]], data: st.DataObject) -> None:
    price = data.draw(st.decimals(Decimal(0), Decimal(500), places=2))
    rule = data.draw(st.sampled_from(list(CountRule)))
    item = ItemTerms(UUID(int=1), "Users", price, is_counted=True, count_rule=rule)
    log = {date(2026, 1, 1): Decimal(first)} | {date(2026, 4, day): Decimal(n) for day, n in sorted(changes)}
    period = period_of(date(2026, 4, 1), "month")
    runs = Period(date(2026, 1, 1), date.max)
    cut_on = date(2026, 4, data.draw(st.integers(2, 30)))
    versions = [VersionTerms(1, date(2026, 1, 1), (item,)), VersionTerms(2, cut_on, (item,))]
    lines = charge_lines(versions[:1], runs, period, {item.key: list(log.items())}, "GBP")
    assert all(line.amount == money.line_amount(line.quantity, line.unit_price, "GBP") for line in lines)
    if rule != CountRule.DAILY:
        assert [(line.unit_price, line.days) for line in lines] in ([(price, period)], [])
    steady = {item.key: [(date(2026, 1, 1), Decimal(first))]}
    halves = charge_lines(versions, runs, period, steady, "GBP")
    assert sum(line.amount for line in halves) == money.line_amount(Decimal(first), price, "GBP")


def test_a_flat_visit_needs_no_minutes_to_be_charged() -> None:
    rules = RateRules("GBP", Decimal(80), travel="flat", travel_price=Decimal(35))
    start = datetime(2026, 3, 2, 9, tzinfo=ZONE)
    work = Work(UUID(int=1), UUID(int=1), "Ada", start, 20, "travel")
    [line] = rate_work([(work, rules)], [])
    assert (line.quantity, line.amount, line.raw_minutes, line.billed_minutes) == (1, Decimal("35.00"), 20, 0)


def test_each_entry_follows_the_version_of_its_day() -> None:
    old = RateRules("GBP", Decimal(80), agreement="Care", version=1)
    new = replace(old, hourly_rate=Decimal(90), version=2)
    start = datetime(2026, 3, 2, 9, tzinfo=ZONE)
    work = [Work(UUID(int=n), UUID(int=1), "Ada", start + timedelta(days=n), 60) for n in (0, 1)]
    lines = rate_work([(work[0], old), (work[1], new)], [])
    assert [(line.unit_price, line.first.rules.version) for line in lines] == [(80, 1), (90, 2)]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-01-31", 1, "2026-02-28"), ("2027-11-30", 3, "2028-02-29"), ("2026-03-31", -1, "2026-02-28")],
)
def test_months_end_on_their_last_day(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


def test_what_is_overdrawn_is_carried_over_and_what_is_left_up_to_the_cap() -> None:
    assert [carried(Decimal(left), Decimal(60)) for left in (-30, 0, 45, 90)] == [-30, 0, 45, 60]
