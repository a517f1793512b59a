"""When something comes again: RFC 5545 rules over wall time in a zone, so that "every Monday at 9" is 9 o'clock all year. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from tickets.choices import Every

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EVERY_MONTH = 28  # the last day that every month has


def rule_of(every: str, interval: int, weekdays: Sequence[str], starts_on: date) -> str:
    """The RRULE of what a form says. On the 31st means: on the last day of a month that has none."""
    parts = [f"FREQ={every.upper()}", f"INTERVAL={interval}"]
    if every == Every.WEEKLY:
        parts.append(f"BYDAY={','.join(day for day in DAYS if day in weekdays) or DAYS[starts_on.weekday()]}")
    if every in (Every.MONTHLY, Every.YEARLY) and starts_on.day > _EVERY_MONTH:
        days = ",".join(str(day) for day in range(_EVERY_MONTH, starts_on.day + 1))
        month = f"BYMONTH={starts_on.month};" if every == Every.YEARLY else ""
        parts.append(f"{month}BYMONTHDAY={days};BYSETPOS=-1")
    return ";".join(parts)


def parts_of(rule: str) -> dict[str, str]:
    """A rule taken apart again: FREQ, INTERVAL, BYDAY…"""
    return dict(part.split("=", 1) for part in rule.split(";"))


@dataclass(frozen=True)
class Recurrence:
    """A rule with its start, its end and the zone that its clock hangs in."""

    rule: str
    starts_on: date
    opens_at: time
    ends_on: date | None
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime | None:
        """The first time strictly after `moment`; None when it is over. A time that the clocks skip comes as much later."""
        wall = moment.astimezone(self.zone).replace(tzinfo=None) - timedelta(hours=3)  # before any change of the clocks
        for found in self._wall_times().xafter(wall, count=8):
            if (at := self._at(found)) > moment:
                return at if self._is_within(found) else None
        return None

    def latest(self, since: datetime, until: datetime) -> datetime | None:
        """The last time at or after `since` and not after `until`: what is made up for when several were missed."""
        wall = until.astimezone(self.zone).replace(tzinfo=None) + timedelta(hours=3)
        found = self._wall_times().before(wall, inc=True)
        while found is not None and (self._at(found) > until or not self._is_within(found)):
            found = self._wall_times().before(found)
        return self._at(found) if found is not None and self._at(found) >= since else None

    def _wall_times(self) -> rrule:
        start = datetime.combine(self.starts_on, self.opens_at)
        return rrulestr(self.rule, dtstart=start)  # type: ignore[return-value]

    def _at(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def _is_within(self, wall: datetime) -> bool:
        return self.ends_on is None or wall.date() <= self.ends_on
