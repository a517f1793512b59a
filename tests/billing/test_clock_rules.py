"""When finished work is promised to be out: hours, weekends, weeks and months, in the shop's zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.choices import Grouping
from billing.rules.clock import ClockTerms, after_hours, period_of, promised_at, stages, working

LONDON = ZoneInfo("Europe/London")
ZONES = st.sampled_from([LONDON, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland"), ZoneInfo("Asia/Kolkata")])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def terms(grouping: Grouping = Grouping.JOB, hours: int = 48, *, weekend: bool = True) -> ClockTerms:
    return ClockTerms(grouping, hours, weekend, LONDON)


@pytest.mark.parametrize(
    ("began", "weekend", "becomes"),
    [
        ("2026-11-20T15:00", True, "2026-11-22T15:00"),  # Friday to Sunday
        ("2026-11-20T15:00", False, "2026-11-24T15:00"),  # nine hours of Friday, all Monday, fifteen of Tuesday
        ("2026-11-21T11:00", False, "2026-11-25T00:00"),  # on a Saturday the clock begins on Monday
        ("2026-11-22T23:59", False, "2026-11-25T00:00"),
        ("2026-11-23T00:00", False, "2026-11-25T00:00"),
        ("2026-03-27T12:00", True, "2026-03-29T13:00"),  # clocks go forward: 48 hours are 48 hours
        ("2026-10-24T12:00", True, "2026-10-26T11:00"),
    ],
)
def test_the_deadline(began: str, weekend: bool, becomes: str) -> None:
    start, due = (datetime.fromisoformat(at).replace(tzinfo=LONDON) for at in (began, becomes))
    assert promised_at(start, terms(weekend=weekend)).astimezone(LONDON) == due


def test_people_are_told_at_half_and_at_three_quarters() -> None:
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert [(stage.name, stage.at - start, stage.risk) for stage in stages(start, terms())] == [
        ("50", timedelta(hours=24), True),
        ("75", timedelta(hours=36), True),
    ]
    steps = working(start, terms())
    assert [step.at for step in steps] == [start, start + timedelta(hours=48)]
    assert steps[1].words % steps[1].params == "48 hours later, weekends included"


def test_weeks_begin_on_monday_and_months_on_the_first_of_the_shops_zone() -> None:
    sunday = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)  # 23:30 of a day with 23 hours
    week, month = (period_of(grouping, sunday, LONDON) for grouping in (Grouping.WEEKLY, Grouping.MONTHLY))
    assert (week.starts_at, week.ends_at) == (
        datetime(2026, 3, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 23, tzinfo=UTC),
    )
    assert (month.starts_at, month.ends_at) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 31, 23, tzinfo=UTC),
    )
    with pytest.raises(ValueError, match="job"):
        period_of(Grouping.JOB, sunday, LONDON)


def test_hours_add_up_whatever_the_day(scale: Callable[[int, int], int]) -> None:
    @settings(max_examples=scale(150, 5_000), deadline=None)
    @given(MOMENTS, st.integers(1, 400), st.integers(1, 400), st.booleans(), ZONES)
    def holds(start: datetime, one: int, two: int, weekend: bool, zone: ZoneInfo) -> None:
        here = ClockTerms(Grouping.JOB, 48, weekend, zone)
        end = after_hours(start, one + two, here)
        assert after_hours(after_hours(start, one, here), two, here) == end
        assert end - start >= timedelta(hours=one + two)
        assert weekend is False or end - start == timedelta(hours=one + two)
        last = (end - timedelta(microseconds=1)).astimezone(zone)
        assert weekend or last.weekday() < 5

    holds()


def test_every_moment_lies_in_its_period_and_periods_touch(scale: Callable[[int, int], int]) -> None:
    @settings(max_examples=scale(150, 5_000), deadline=None)
    @given(MOMENTS, st.sampled_from([Grouping.WEEKLY, Grouping.MONTHLY]), ZONES)
    def holds(at: datetime, grouping: Grouping, zone: ZoneInfo) -> None:
        period = period_of(grouping, at, zone)
        assert period.starts_at <= at < period.ends_at
        assert period_of(grouping, period.starts_at, zone) == period
        assert period_of(grouping, period.ends_at, zone).starts_at == period.ends_at

    holds()
