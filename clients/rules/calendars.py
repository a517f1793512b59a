"""Service time: which minutes count. Pure arithmetic over windows, zones and holidays; moments are aware, answers in UTC.

A minute counts when the wall clock of the calendar's zone stands within a window and the day is no holiday. So when clocks go
forward a window loses the hour that no clock shows, and when they go back it has the repeated hour twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
LONGEST_CLOSED = timedelta(days=400)  # a calendar that is closed for longer never opens again
_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


class NeverOpen(ValueError):
    """The calendar has no service time in the next 400 days."""


class Holidays(Protocol):
    """Days without service by name: a plain dict, or anything that looks one up."""

    def get(self, day: date, /) -> str | None: ...


@dataclass(frozen=True, order=True)
class Window:
    """Service time on a weekday (Monday is 0), in minutes after midnight; it closes at 1440 at the latest."""

    weekday: int
    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.weekday < 7 and 0 <= self.opens < self.closes <= DAY_MINUTES):
            raise ValueError(f"no window: {self}")


@dataclass(frozen=True)
class Calendar:
    """When the shop is there. With `always` every minute counts, holidays too."""

    zone: ZoneInfo
    windows: tuple[Window, ...]
    holidays: Holidays = field(default_factory=dict[date, str])
    always: bool = False

    @cached_property
    def _by_weekday(self) -> tuple[tuple[tuple[timedelta, timedelta], ...], ...]:
        return tuple(tuple(_joined(window for window in self.windows if window.weekday == day)) for day in range(7))

    def windows_on(self, day: date) -> tuple[tuple[timedelta, timedelta], ...]:
        """The windows of a date, in order and without overlaps, as time since its midnight; none on a holiday."""
        found = self._by_weekday[day.weekday()]
        return found if found and self.holidays.get(day) is None else ()


class Why(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


@dataclass(frozen=True)
class Stretch:
    """A piece of time that counts, or days that don't. `name` is the holiday's."""

    start: datetime
    end: datetime
    why: Why = Why.OPEN
    name: str = ""

    @property
    def minutes(self) -> int:
        """Whole minutes that count."""
        return int((self.end - self.start) / _MINUTE) if self.why is Why.OPEN else 0


def add_minutes(calendar: Calendar, start: datetime, minutes: int) -> datetime:
    """The moment at which `minutes` of service time have passed since `start`: at the end of a window, not at the next opening.

    Zero or less gives `start` itself. Raises NeverOpen.
    """
    left = timedelta(minutes=minutes)
    moment = start.astimezone(UTC)
    if left <= timedelta():
        return moment
    if calendar.always:
        return moment + left
    for piece in open_stretches(calendar, start):
        length = piece.end - piece.start
        if length >= left:
            return piece.start + left
        left -= length
    raise AssertionError("unreachable: open_stretches ends by raising")


def minutes_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Whole minutes of service time from `start` to `end`; none when `end` comes first."""
    # In UTC: two times of one zone are subtracted and compared by the wall clock, without its changes.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return 0
    if calendar.always:
        return int((end - start) / _MINUTE)
    spent = timedelta()
    for day in _days(calendar.zone, start):
        if day.start >= end:
            break
        for opens, closes in _open_in(calendar, day):
            spent += max(min(closes, end) - opens, timedelta())
    return int(spent / _MINUTE)


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Whether the minute that begins at `moment` counts."""
    return calendar.always or next_open(calendar, moment) == moment.astimezone(UTC)


def next_open(calendar: Calendar, moment: datetime) -> datetime:
    """`moment` itself in service time, else the next opening. Raises NeverOpen."""
    return moment.astimezone(UTC) if calendar.always else next(open_stretches(calendar, moment)).start


def open_stretches(calendar: Calendar, start: datetime) -> Iterator[Stretch]:
    """Service time from `start` on, without end. Raises NeverOpen."""
    last = start.astimezone(UTC)
    for day in _days(calendar.zone, start):
        if day.start - last > LONGEST_CLOSED:
            raise NeverOpen
        for opens, closes in _open_in(calendar, day):
            last = closes
            yield Stretch(opens, closes)


def explain_minutes(calendar: Calendar, start: datetime, minutes: int) -> list[Stretch]:
    """How `add_minutes` comes to its answer: what counts, and the days that don't. The minutes of the parts add up to `minutes`.

    Days without service that follow each other are one part; a holiday has its own. Nights and lunch breaks show as gaps.
    """
    return explain_between(calendar, start, add_minutes(calendar, start, minutes))


def explain_between(calendar: Calendar, start: datetime, end: datetime) -> list[Stretch]:
    """The service time from `start` to `end`, part by part, as `explain_minutes` shows it."""
    found: list[Stretch] = []
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if calendar.always and start < end:
        return [Stretch(start, end)]
    for day in _days(calendar.zone, start):
        if day.start >= end:
            break
        parts = [(opens, min(closes, end)) for opens, closes in _open_in(calendar, day) if opens < end]
        if not parts and day.end <= end:
            _close(found, calendar, day)
        for opens, closes in parts:
            _append(found, Stretch(opens, closes))
    return found


@dataclass(frozen=True)
class _Day:
    """A date, or the part of it between two changes of the clocks."""

    date: date
    start: datetime
    end: datetime
    offset: timedelta


def _days(zone: ZoneInfo, start: datetime) -> Iterator[_Day]:
    """Dates from `start` on, cut where the clocks change. No zone changes its clocks twice within a day."""
    moment = start.astimezone(UTC)
    while True:
        local = moment.astimezone(zone)
        offset, today = _offset(zone, moment), local.date()
        end = datetime.combine(today + _DAY, time(), UTC) - offset
        if _offset(zone, end - _SECOND) != offset:
            end = _change(zone, moment, end)
        yield _Day(today, moment, end, offset)
        moment = end


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second from which the clocks of the zone differ from what they showed at `before`."""
    offset = _offset(zone, before)
    low, high = 0, int((after - before) / _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, before + middle * _SECOND) == offset else (low, middle)
    found = before + high * _SECOND
    return found.replace(microsecond=0)


def _open_in(calendar: Calendar, day: _Day) -> Iterator[tuple[datetime, datetime]]:
    """The windows of a date as far as they lie in the part."""
    windows = calendar.windows_on(day.date)
    if not windows:
        return
    midnight = datetime.combine(day.date, time(), UTC) - day.offset
    for opens, closes in windows:
        start, end = max(midnight + opens, day.start), min(midnight + closes, day.end)
        if start < end:
            yield start, end


def _joined(windows: Iterator[Window]) -> Iterator[tuple[timedelta, timedelta]]:
    """Overlapping and touching windows of one weekday as one."""
    current: tuple[int, int] | None = None
    for window in sorted(windows):
        if current and window.opens <= current[1]:
            current = (current[0], max(current[1], window.closes))
            continue
        if current:
            yield current[0] * _MINUTE, current[1] * _MINUTE
        current = (window.opens, window.closes)
    if current:
        yield current[0] * _MINUTE, current[1] * _MINUTE


def _append(found: list[Stretch], part: Stretch) -> None:
    """Add a part, joined to the one before when they touch and are alike: a window over midnight is one."""
    if found and (found[-1].end, found[-1].why, found[-1].name) == (part.start, part.why, part.name):
        part = Stretch(found.pop().start, part.end, part.why, part.name)
    found.append(part)


def _close(found: list[Stretch], calendar: Calendar, day: _Day) -> None:
    """Note a date without service; what is left of an evening after closing is no news."""
    if calendar.windows_on(day.date):
        return
    holiday = calendar.holidays.get(day.date)
    why = Why.CLOSED if holiday is None else Why.HOLIDAY
    _append(found, Stretch(day.start, day.end, why, holiday or ""))
