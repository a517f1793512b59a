"""The ladder, as pure rules: each step once, never on a day off, whatever nights are missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.choices.care import CountedFrom
from billing.rules.dunning import (
    Claim,
    Step,
    Stop,
    WorkingDays,
    due_from,
    falls_on,
    filled_in,
    is_too_soon,
    text_for,
    unknown_placeholders,
    verdict,
)
from billing.rules.dunning_texts import first_ladder
from billing.rules.holding import covered_by, to_ask_for
from clients.rules.holidays import public_holidays, weekend_of

Scale = Callable[[int, int], int]
DAY = timedelta(days=1)
LADDER = [Step("first", 1, 3), Step("second", 2, 14), Step("last", 3, 28)]
DUE = date(2026, 11, 2)  # a Monday


def claim(**given: object) -> Claim[str]:
    values: dict[str, object] = {
        "due_on": DUE,
        "delivered_on": DUE - 14 * DAY,
        "payment_days": 14,
        "owed": Decimal(100),
    }
    return Claim(**(values | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days_late", "taken", "step", "passed"),
    [
        (2, set(), None, []),
        (3, set(), "first", []),
        (4, {"first"}, None, []),
        (13, {"first"}, None, []),
        (14, {"first"}, "second", []),
        (20, set(), "second", ["first"]),
        (40, set(), "last", ["first", "second"]),
        (40, {"second"}, "last", []),
        (40, {"last"}, None, []),
        (400, {"first"}, "last", ["second"]),
    ],
)
def test_the_step_of_a_day(days_late: int, taken: set[str], step: str | None, passed: list[str]) -> None:
    found = verdict(LADDER, claim(taken=frozenset(taken)), DUE + days_late * DAY)
    assert (found.step.key if found.step else None, [each.key for each in found.passed]) == (step, passed)


@pytest.mark.parametrize(
    ("given", "stop"),
    [
        ({"delivered_on": None}, Stop.NOT_DELIVERED),
        ({"held": (Decimal(60), Decimal(40))}, Stop.QUERIED),
        ({"covered": Decimal(100)}, Stop.COVERED),
        ({"pay_until": DUE + 14 * DAY}, Stop.PROMISED),
        ({"taken": frozenset({"last"})}, Stop.ENDED),
        ({"due_on": DUE + 30 * DAY}, Stop.NOT_YET),
    ],
)
def test_what_stops_it(given: dict[str, object], stop: Stop) -> None:
    assert verdict(LADDER, claim(**given), DUE + 14 * DAY).stop is stop


def test_a_broken_promise_lets_it_go_on_and_a_queried_line_leaves_the_rest() -> None:
    promised = claim(pay_until=DUE + 14 * DAY)
    assert verdict(LADDER, promised, DUE + 15 * DAY).step == LADDER[1]
    assert claim(held=(Decimal(30),)).asked == 70
    assert verdict(LADDER, claim(held=(Decimal(30),)), DUE + 3 * DAY).step == LADDER[0]
    assert verdict(LADDER, claim(), DUE + 3 * DAY, paused=True).stop is Stop.PAUSED


def test_days_count_from_delivery_and_never_before_the_days_to_pay_are_over() -> None:
    late = claim(delivered_on=DUE + 10 * DAY)  # the mail server was down for days
    assert due_from(late) == DUE + 24 * DAY
    assert falls_on(LADDER[0], late) == DUE + 27 * DAY
    at_hand = Step("did it arrive", 1, 5, CountedFrom.DELIVERY)
    assert falls_on(at_hand, late) == DUE + 15 * DAY
    assert falls_on(Step("zero", 1, 0), claim()) == DUE + DAY


# country, day, whether somebody there may be reminded
DAYS = [
    ("GB", date(2026, 11, 20), True),
    ("GB", date(2026, 11, 21), False),
    ("GB", date(2026, 12, 25), False),
    ("GB", date(2026, 12, 28), False),  # Boxing Day falls on a Saturday and is observed on Monday
    ("DE", date(2026, 10, 3), False),
    ("DE", date(2026, 12, 28), True),
    ("AE", date(2026, 11, 22), False),  # a Sunday
    ("IL", date(2026, 11, 20), False),  # a Friday
    ("IL", date(2026, 11, 22), True),  # a Sunday
    ("ZZ", date(2026, 11, 22), False),
    ("ZZ", date(2026, 11, 23), True),
]


def working(country: str) -> WorkingDays:
    return WorkingDays(country, public_holidays(country).get)


@pytest.mark.parametrize(("country", "day", "works"), DAYS)
def test_nobody_is_reminded_on_a_weekend_or_holiday_of_their_country(country: str, day: date, works: bool) -> None:
    assert working(country).is_one(day) is works


def test_the_next_working_day_is_one_and_none_lies_before_it(scale: Scale) -> None:
    @given(st.sampled_from(["GB", "DE", "FR", "IL", "US", "ZZ"]), st.dates(date(2024, 1, 1), date(2029, 12, 31)))
    @settings(max_examples=scale(60, 2_000), deadline=None)
    def check(country: str, day: date) -> None:
        days = working(country)
        found = days.on_or_after(day)
        assert days.is_one(found)
        assert found.weekday() not in weekend_of(country)
        assert not any(days.is_one(day + n * DAY) for n in range((found - day).days))

    check()


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Step[int]], Claim[int], set[date], int, str]:
    """A ladder, an invoice, the nights on which nothing ran, the least days between two, and a country."""
    days = sorted(draw(st.lists(st.integers(1, 60), min_size=1, max_size=5)))
    froms = st.sampled_from(list(CountedFrom))
    ladder = [Step(number, number, length, draw(froms)) for number, length in enumerate(days)]
    delivered = DUE - 20 * DAY + draw(st.integers(0, 40)) * DAY
    missed = {DUE + n * DAY for n in draw(st.sets(st.integers(0, 119), max_size=60))}
    owed = Claim[int](DUE, delivered, draw(st.integers(0, 30)), Decimal(50))
    return ladder, owed, missed, draw(st.integers(0, 14)), draw(st.sampled_from(["GB", "DE", "IL"]))


def lived(life: tuple[list[Step[int]], Claim[int], set[date], int, str]) -> tuple[list[tuple[date, int]], list[int]]:
    """What was sent on which day, and which steps are over, after 260 days."""
    ladder, owed, missed, least, country = life
    days, sent, over = working(country), list[tuple[date, int]](), list[int]()
    for number in range(260):
        today = DUE + number * DAY
        last = sent[-1][0] if sent else None
        if today in missed or not days.is_one(today) or is_too_soon(last, today, least):
            continue
        found = verdict(ladder, replace(owed, taken=frozenset(over)), today)
        if found.step:
            assert all(falls_on(step, owed) <= today for step in [found.step, *found.passed])
            sent.append((today, found.step.key))
            over += [step.key for step in found.passed] + [found.step.key]
    return sent, over


def test_whatever_nights_are_missed_each_step_is_over_once_and_the_last_one_is_sent(scale: Scale) -> None:
    @given(lives())
    @settings(max_examples=scale(60, 3_000), deadline=None)
    def check(life: tuple[list[Step[int]], Claim[int], set[date], int, str]) -> None:
        sent, over = lived(life)
        assert over == sorted(set(over))
        assert sent[-1][1] == life[0][-1].key
        assert all((later[0] - earlier[0]).days >= max(life[3], 1) for earlier, later in pairwise(sent))

    check()


def test_what_is_asked_for_is_between_nothing_and_what_is_owed(scale: Scale) -> None:
    @given(st.decimals(0, 10_000, places=2), st.lists(st.decimals(0, 5_000, places=2), max_size=6))
    @settings(max_examples=scale(60, 2_000), deadline=None)
    def check(owed: Decimal, held: list[Decimal]) -> None:
        asked = to_ask_for(owed, held)
        assert 0 <= asked <= owed
        assert asked in (owed - sum(held), 0)
        shares = covered_by(owed, held)
        assert sum(shares) == min(owed, sum(held))
        assert all(0 <= share <= amount for share, amount in zip(shares, held, strict=True))

    check()


def test_placeholders_are_filled_in_once_and_unknown_ones_found() -> None:
    values = {"client": "{total}", "total": "£5.00"}
    assert filled_in("{client} owes {total}, {shop}", values) == "{total} owes £5.00, {shop}"
    assert unknown_placeholders("{client} {bank} {0.__class__} {bank}") == ["bank"]
    for first in first_ladder(("One", "Two", "Three")):
        assert set(first.texts) == {"en", "de", "fr", "es", "nl"}
        assert [unknown_placeholders(" ".join(text)) for text in first.texts.values()] == [[]] * 5


@pytest.mark.parametrize(
    ("languages", "wanted", "found"),
    [
        ({"en", "de"}, ("de-at", "en"), "de"),
        ({"en", "de"}, ("nl", "de"), "de"),
        ({"en", "de"}, ("nl", "fr"), "en"),
        ({"fr", "es"}, ("nl", "de"), "es"),
        (set(), ("nl",), None),
    ],
)
def test_the_language_of_a_reader(languages: set[str], wanted: tuple[str, ...], found: str | None) -> None:
    assert text_for(languages, *wanted) == found
