"""When people in the demo work, and when they are busy."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WINDOWS = ((time(8, 30), time(12, 30)), (time(13, 15), time(17, 30)))
_SATURDAY = 5
_AHEAD = timedelta(days=21)
# Whenever the demo is made, somebody is on call in its last hours, so that nobody opens a shop asleep.
_ON_CALL = (timedelta(hours=6), timedelta(hours=3))


@dataclass(frozen=True, order=True)
class Stretch:
    start: datetime
    end: datetime


class Hours:
    """The shop's working hours from `begin` on, and the stretch around `end` in which it is on call."""

    def __init__(self, zone: ZoneInfo, begin: datetime, end: datetime) -> None:
        self.zone = zone
        self.on_call = Stretch(end - _ON_CALL[0], end + _ON_CALL[1])
        regular, day = [], begin.astimezone(zone).date()
        while day <= (end + _AHEAD).astimezone(zone).date():
            regular += self._windows(day)
            day += timedelta(days=1)
        self.regular = regular
        self.with_on_call = _merged([*regular, self.on_call])

    def _windows(self, day: date) -> list[Stretch]:
        if day.weekday() >= _SATURDAY:
            return []
        return [Stretch(self.at(day, opens), self.at(day, closes)) for opens, closes in _WINDOWS]

    def at(self, day: date, clock_time: time) -> datetime:
        """A time of day in the shop's zone, as UTC: adding hours to local times goes wrong when the clocks change."""
        return datetime.combine(day, clock_time, self.zone).astimezone(UTC)

    def next_open(self, moment: datetime) -> datetime:
        """`moment` itself in working hours, else when work begins again."""
        window = next((w for w in self.with_on_call if w.end > moment), None)
        return moment if window is None else max(moment, window.start)

    def later(self, moment: datetime, worked: timedelta) -> datetime:
        """The time after `worked` more working hours."""
        for window in self.with_on_call:
            if window.end <= moment:
                continue
            start = max(window.start, moment)
            if window.end - start >= worked:
                return start + worked
            worked -= window.end - start
        return moment + worked


def _merged(stretches: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for stretch in sorted(stretches):
        if found and stretch.start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(found[-1].end, stretch.end))
        else:
            found.append(stretch)
    return found


@dataclass
class Diary:
    """One person's booked time. Nobody does two things at once."""

    windows: list[Stretch]
    booked: list[Stretch] = field(default_factory=list)

    def book(self, earliest: datetime, minutes: int) -> datetime:
        """Take the first free `minutes` from `earliest` on; returns their start."""
        length = timedelta(minutes=minutes)
        start = next(found for window in self.windows if (found := self._free(window, earliest, length)))
        self.block(Stretch(start, start + length))
        return start

    def block(self, stretch: Stretch) -> None:
        """Keep a stretch free of work: a holiday, an appointment."""
        insort(self.booked, stretch)

    def _free(self, window: Stretch, earliest: datetime, length: timedelta) -> datetime | None:
        start = max(window.start, earliest)
        if start + length > window.end:
            return None
        first = max(0, bisect_left(self.booked, Stretch(start, start)) - 1)
        for other in self.booked[first:]:
            if start + length <= other.start:
                break
            start = max(start, other.end)
        return start if start + length <= window.end else None
