"""When work was done, by the client's calendar: cut at the boundary of service hours, days off apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from billing.choices import TimeClass
from clients.rules.calendars import Calendar

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Piece:
    """Worked minutes of one class, on one date of the calendar's zone."""

    day: date
    time_class: str
    minutes: int


def cut(calendar: Calendar, start: datetime, minutes: int) -> list[Piece]:
    """Work cut where service hours begin or end and at midnight. The minutes add up; neighbours of a class are joined."""
    if calendar.always:
        return [Piece(start.astimezone(calendar.zone).date(), TimeClass.HOURS, minutes)]
    start = start.astimezone(UTC)
    end = start + minutes * _MINUTE
    edges = sorted({start, end, *(edge for edge in _edges(calendar, start, end) if start < edge < end)})
    found: list[Piece] = []
    for begin, finish in pairwise(edges):
        # Rounded between running totals: entries may begin within a minute, and no minute is lost by it.
        length = round((finish - start) / _MINUTE) - round((begin - start) / _MINUTE)
        if length:
            found.append(Piece(begin.astimezone(calendar.zone).date(), _class_at(calendar, begin), length))
    return _joined(found)


def _edges(calendar: Calendar, start: datetime, end: datetime) -> Iterator[datetime]:
    """Midnights and the begins and ends of windows, in UTC."""
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    while day <= last:
        midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
        yield midnight.astimezone(UTC)
        for opens, closes in calendar.windows_on(day):
            # By the wall clock: a window from nine begins at nine on the days when clocks change, too.
            yield (midnight + opens).astimezone(UTC)
            yield (midnight + closes).astimezone(UTC)
        day += _DAY


def _class_at(calendar: Calendar, moment: datetime) -> str:
    local = moment.astimezone(calendar.zone)
    windows = calendar.windows_on(local.date())
    if not windows:
        return TimeClass.DAY_OFF
    since = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return TimeClass.HOURS if any(opens <= since < closes for opens, closes in windows) else TimeClass.AFTER


def _joined(pieces: list[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        if found and (found[-1].day, found[-1].time_class) == (piece.day, piece.time_class):
            found[-1] = Piece(piece.day, piece.time_class, found[-1].minutes + piece.minutes)
        else:
            found.append(piece)
    return found
