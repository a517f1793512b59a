"""How a clock runs: from its start, over its pauses, to its deadline. Pure; moments in UTC, whole minutes.

A clock starts and goes on with the next whole minute, and stops with the one that has begun. So what is done in the very minute
of a deadline is in time, a second's pause costs nobody anything, and the steps of an explanation add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_noop as _n

from clients.rules.calendars import Calendar, Stretch, Why, add_minutes, explain_minutes, minutes_between
from clients.rules.promises import DUE, Stage, Step

WARNINGS = ((50, False), (75, True), (90, True))  # per cent of the time, and whether the deadline is at risk then
_MINUTE = timedelta(minutes=1)

# Why a clock stood still, as the explanation says it.
PAUSED_FOR = {
    "waiting_client": _n("Paused while we waited for the client"),
    "waiting_supplier": _n("Paused while we waited for the supplier"),
    "solved": _n("Stopped while it was solved"),
}
_STARTS = _n("The clock starts. Minutes of the service hours count, in the zone %(zone)s; the target is %(target)s")
_STARTS_ALWAYS = _n("The clock starts. Every minute counts, around the clock; the target is %(target)s")
_COUNTED = _n("Counted from %(start)s to %(end)s")
_CLOSED = _n("No service hours from %(start)s to %(end)s")
_HOLIDAY = _n("%(name)s, from %(start)s to %(end)s")
_DUE = _n("The target is used up: due")


def begun_minute(moment: datetime) -> datetime:
    """The whole minute in which a moment lies."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def whole_minute(moment: datetime) -> datetime:
    """The next whole minute, or the moment itself when it is one."""
    floor = begun_minute(moment)
    return floor if floor == moment else floor + _MINUTE


@dataclass(frozen=True)
class Pause:
    """A clock stood still from one minute to another; one without an end stands still now."""

    since: datetime
    until: datetime | None
    because: str


@dataclass(frozen=True)
class Course:
    """What a clock did: when it started, for how many minutes of which calendar, and when it stood still."""

    calendar: Calendar
    started_at: datetime
    minutes: int
    pauses: Sequence[Pause] = ()

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until is None

    @property
    def runs(self) -> list[tuple[datetime, datetime | None, Pause | None]]:
        """The stretches in which it ran, each with the pause after it. One that stands still would run on from where it stopped."""
        found: list[tuple[datetime, datetime | None, Pause | None]] = []
        start = self.started_at
        for pause in self.pauses:
            found.append((start, max(start, pause.since), pause))
            start = max(start, pause.until or pause.since)
        return [*found, (start, None, None)]

    def at(self, minutes: int) -> datetime:
        """When so many minutes have been counted."""
        left = minutes
        for start, end, _pause in self.runs:
            counted = minutes_between(self.calendar, start, end) if end else left
            if counted >= left:
                return add_minutes(self.calendar, start, left)
            left -= counted
        raise AssertionError("unreachable: the last run has no end")

    @property
    def due_at(self) -> datetime:
        """The deadline; of a clock that stands still, the one it would have if it went on at once."""
        return self.at(self.minutes)

    def spent(self, until: datetime) -> int:
        """Minutes counted up to a moment."""
        return sum(minutes_between(self.calendar, start, min(end or until, until)) for start, end, _pause in self.runs)

    @property
    def stages(self) -> list[Stage]:
        """Warnings at their share of the time, and the deadline."""
        warnings = [Stage(str(share), self.at(self.minutes * share // 100), risk) for share, risk in WARNINGS]
        return [*warnings, Stage(DUE, self.due_at)]

    @property
    def steps(self) -> list[Step]:
        """The deadline, step by step: what was counted adds up to the target, and the last step is the deadline."""
        return list(self._steps())

    def _steps(self) -> Iterator[Step]:
        words = _STARTS_ALWAYS if self.calendar.always else _STARTS
        target = f"{self.minutes // 60}:{self.minutes % 60:02d}"
        yield Step(words, self.started_at, None, {"zone": str(self.calendar.zone), "target": target})
        left = self.minutes
        for start, end, pause in self.runs:
            counted = min(left, minutes_between(self.calendar, start, end)) if end else left
            yield from map(_step, explain_minutes(self.calendar, start, counted))
            left -= counted
            if not left:
                break
            if pause is not None:
                yield Step(PAUSED_FOR[pause.because], pause.until, None, {"start": _iso(pause.since)})
        yield Step(_DUE, self.due_at)


def _step(part: Stretch) -> Step:
    words = {Why.OPEN: _COUNTED, Why.CLOSED: _CLOSED, Why.HOLIDAY: _HOLIDAY}[part.why]
    params = {"start": _iso(part.start), "end": _iso(part.end)} | ({"name": part.name} if part.name else {})
    return Step(words, part.end, part.minutes, params)


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def percentile(values: Iterable[int], share: int) -> int | None:
    """The smallest value that `share` per cent of the values do not exceed (nearest rank); None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    rank = max(1, -(-len(ordered) * share // 100))
    return ordered[rank - 1]
