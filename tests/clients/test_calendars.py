"""Service time: every case of the plan by name, and any calendar against counting minute by minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clients.rules.calendars import (
    Calendar,
    NeverOpen,
    Stretch,
    Why,
    Window,
    add_minutes,
    explain_between,
    explain_minutes,
    is_open,
    minutes_between,
    next_open,
)

MINUTE = timedelta(minutes=1)
LONDON, BERLIN, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE = tuple(Window(day, *hours) for day in range(5) for hours in ((9 * 60, 12 * 60), (13 * 60, 17 * 60)))
DAILY = tuple(Window(day, 0, 1440) for day in range(7))
ZONES = [
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "America/Asuncion",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]


def local(zone: ZoneInfo, day: str, clock: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone, fold=fold).astimezone(UTC)


def hours(calendar: Calendar, day: str) -> int:
    """Service minutes of one date."""
    start = datetime.fromisoformat(day)
    following = (start + timedelta(days=1)).replace(tzinfo=calendar.zone)
    return minutes_between(calendar, start.replace(tzinfo=calendar.zone), following)


# --- the cases of the plan


def test_a_ticket_before_a_weekend_and_a_holiday() -> None:
    calendar = Calendar(LONDON, OFFICE, {date(2026, 11, 30): "St Andrew's Day"})
    due = add_minutes(calendar, local(LONDON, "2026-11-27", "16:30"), 8 * 60)
    assert due == local(LONDON, "2026-12-02", "09:30")


def test_a_pause_over_a_weekend_and_a_holiday_moves_the_deadline_by_two_hours() -> None:
    calendar = Calendar(LONDON, OFFICE, {date(2026, 11, 30): "St Andrew's Day"})
    assert minutes_between(calendar, local(LONDON, "2026-11-27", "16:00"), local(LONDON, "2026-12-01", "10:00")) == 120


def test_the_end_of_a_window_is_a_deadline_of_its_own() -> None:
    calendar = Calendar(LONDON, OFFICE)
    assert add_minutes(calendar, local(LONDON, "2026-11-27", "16:00"), 60) == local(LONDON, "2026-11-27", "17:00")
    assert add_minutes(calendar, local(LONDON, "2026-11-27", "16:00"), 61) == local(LONDON, "2026-11-30", "09:01")


def test_clocks_going_forward_take_the_hour_that_no_clock_shows() -> None:
    nights = Calendar(BERLIN, DAILY)
    assert hours(nights, "2026-03-29") == 23 * 60
    assert add_minutes(nights, local(BERLIN, "2026-03-29", "01:30"), 60) == local(BERLIN, "2026-03-29", "03:30")
    shift = Calendar(BERLIN, (Window(6, 60, 240),))  # Sundays, 01:00 to 04:00
    assert hours(shift, "2026-03-29") == 120
    hidden = Calendar(BERLIN, (Window(6, 120, 180), Window(0, 0, 60)))  # 02:00 to 03:00 is not there
    assert next_open(hidden, local(BERLIN, "2026-03-29", "01:00")) == local(BERLIN, "2026-03-30", "00:00")


def test_clocks_going_back_give_the_repeated_hour_twice() -> None:
    nights = Calendar(NEW_YORK, DAILY)
    assert hours(nights, "2026-11-01") == 25 * 60
    shift = Calendar(NEW_YORK, (Window(6, 60, 90),))  # Sundays, 01:00 to 01:30
    assert hours(shift, "2026-11-01") == 60
    start = local(NEW_YORK, "2026-11-01", "00:00")
    assert explain_minutes(shift, start, 60) == [
        Stretch(local(NEW_YORK, "2026-11-01", "01:00"), local(NEW_YORK, "2026-11-01", "01:30")),
        Stretch(local(NEW_YORK, "2026-11-01", "01:00", fold=1), local(NEW_YORK, "2026-11-01", "01:30", fold=1)),
    ]


def test_office_hours_are_the_same_on_both_sides_of_a_change_of_the_clocks() -> None:
    calendar = Calendar(LONDON, OFFICE)
    for friday, monday in (("2026-03-27", "2026-03-30"), ("2026-10-23", "2026-10-26")):
        assert add_minutes(calendar, local(LONDON, friday, "16:00"), 120) == local(LONDON, monday, "10:00")


def test_a_leap_day_counts_like_any_other() -> None:
    calendar = Calendar(LONDON, OFFICE)
    assert add_minutes(calendar, local(LONDON, "2028-02-28", "16:00"), 8 * 60) == local(LONDON, "2028-02-29", "17:00")
    closed = Calendar(LONDON, OFFICE, {date(2028, 2, 29): "Stocktaking"})
    assert add_minutes(closed, local(LONDON, "2028-02-28", "16:00"), 8 * 60) == local(LONDON, "2028-03-01", "17:00")


def test_around_the_clock_knows_no_night_and_no_holiday() -> None:
    always = Calendar(LONDON, OFFICE, {date(2026, 12, 25): "Christmas Day"}, always=True)
    start = local(LONDON, "2026-12-24", "23:30")
    assert add_minutes(always, start, 60) == start + 60 * MINUTE
    assert minutes_between(always, start, start + timedelta(days=2)) == 48 * 60
    assert is_open(always, start)
    assert minutes_between(always, *(datetime(2026, 10, day, tzinfo=LONDON) for day in (25, 26))) == 25 * 60
    assert explain_minutes(always, start, 60) == [Stretch(start, start + 60 * MINUTE)]


def test_a_date_that_a_zone_left_out() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went from Thursday 29 to Saturday 31 December 2011
    every_day = Calendar(apia, tuple(Window(day, 9 * 60, 17 * 60) for day in range(7)))
    assert add_minutes(every_day, local(apia, "2011-12-29", "16:00"), 120) == local(apia, "2011-12-31", "10:00")


def test_a_calendar_that_never_opens_says_so() -> None:
    for closed in (Calendar(LONDON, ()), Calendar(LONDON, OFFICE, _EveryDay())):
        for act in (add_minutes, explain_minutes):
            with pytest.raises(NeverOpen):
                act(closed, local(LONDON, "2026-11-27", "16:30"), 1)
    assert minutes_between(Calendar(LONDON, ()), local(LONDON, "2026-11-27", "16:30"), datetime.now(UTC)) == 0


class _EveryDay:
    def get(self, day: date, /) -> str | None:
        return "Closed"


@pytest.mark.parametrize("hours", [(9, 9), (10, 9), (-1, 5), (0, 1441)])
def test_a_window_opens_before_it_closes(hours: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no window"):
        Window(0, *hours)


def test_the_explanation_names_holidays_and_joins_closed_days() -> None:
    calendar = Calendar(LONDON, OFFICE, {date(2026, 12, 25): "Christmas Day", date(2026, 12, 28): "Boxing Day"})
    parts = explain_minutes(calendar, local(LONDON, "2026-12-24", "16:30"), 8 * 60)
    assert [(part.why, part.name, part.minutes) for part in parts] == [
        (Why.OPEN, "", 30),
        (Why.HOLIDAY, "Christmas Day", 0),
        (Why.CLOSED, "", 0),
        (Why.HOLIDAY, "Boxing Day", 0),
        (Why.OPEN, "", 180),
        (Why.OPEN, "", 240),
        (Why.OPEN, "", 30),
    ]
    assert (parts[2].start, parts[2].end) == (
        local(LONDON, "2026-12-26", "00:00"),
        local(LONDON, "2026-12-28", "00:00"),
    )
    assert parts[-1].end == local(LONDON, "2026-12-30", "09:30")


# --- any calendar, against counting minute by minute


def counter(calendar: Calendar) -> Callable[[datetime], bool]:
    """The rule itself: does the minute that begins then count?"""
    served = {(w.weekday, minute) for w in calendar.windows for minute in range(w.opens, w.closes)}

    def counts(moment: datetime) -> bool:
        wall = moment.astimezone(calendar.zone)
        minute = (wall.weekday(), wall.hour * 60 + wall.minute)
        return minute in served and calendar.holidays.get(wall.date()) is None

    return counts


@lru_cache(maxsize=64)
def changes(zone: str) -> list[datetime]:
    """The days around which the clocks of a zone change, 2008 to 2036."""
    days = [datetime(2008, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365 * 28)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after]


WINDOWS = st.builds(
    lambda day, opens, length: Window(day, opens * 15, min(opens * 15 + length * 15, 1440)),
    st.integers(0, 6),
    st.integers(0, 95),
    st.integers(1, 40),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar, and a moment that is often near a change of its clocks."""
    zone = draw(st.sampled_from(ZONES))
    start = datetime(2008, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 28 * 365 * 1440)))
    if changes(zone) and draw(st.booleans()):
        start = draw(st.sampled_from(changes(zone))) + timedelta(minutes=draw(st.integers(-2 * 1440, 2 * 1440)))
    near = st.dates((start - timedelta(days=2)).date(), (start + timedelta(days=5)).date())
    days = draw(st.frozensets(near, max_size=3))
    windows = draw(st.lists(WINDOWS, min_size=1, max_size=12))
    return Calendar(ZoneInfo(zone), tuple(windows), dict.fromkeys(days, "Holiday")), start


def test_the_arithmetic_counts_as_the_clock_on_the_wall_does(scale: Callable[[int, int], int]) -> None:
    @settings(max_examples=scale(120, 20_000), deadline=None, suppress_health_check=list(HealthCheck))
    @given(cases(), st.integers(1, 900), st.integers(0, 2 * 1440))
    def holds(case: tuple[Calendar, datetime], minutes: int, length: int) -> None:
        calendar, start = case
        counts = counter(calendar)
        end = start + length * MINUTE
        counted = [counts(start + n * MINUTE) for n in range(length)]
        assert minutes_between(calendar, start, end) == sum(counted)
        assert sum(part.minutes for part in explain_between(calendar, start, end)) == sum(counted)
        assert length == 0 or is_open(calendar, start) == counted[0]
        moment, left = start, minutes
        while left:
            left -= counts(moment)
            moment += MINUTE
            assume(moment < start + timedelta(days=20))
        assert add_minutes(calendar, start, minutes) == moment
        parts = explain_minutes(calendar, start, minutes)
        assert parts[-1].end == moment
        assert sum(part.minutes for part in parts) == minutes
        assert all(before.end <= after.start for before, after in pairwise(parts))

    holds()


def test_adding_and_measuring_undo_each_other(scale: Callable[[int, int], int]) -> None:
    @settings(max_examples=scale(120, 20_000), deadline=None, suppress_health_check=list(HealthCheck))
    @given(cases(), st.integers(1, 5000), st.integers(0, 5000))
    def holds(case: tuple[Calendar, datetime], first: int, second: int) -> None:
        calendar, start = case
        halfway = add_minutes(calendar, start, first)
        assert minutes_between(calendar, start, halfway) == first
        assert add_minutes(calendar, halfway, second) == add_minutes(calendar, start, first + second)
        assert is_open(calendar, next_open(calendar, start))

    holds()
