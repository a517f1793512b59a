"""When finished work is drafted, and by when its invoice is promised to be out. Pure arithmetic; moments are aware, answers in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from billing.choices import Finished, Grouping
from clients.rules.promises import Stage, Step

SETTLE = timedelta(minutes=5)  # after solving: the last time is logged, a status set by mistake is taken back
WARN, ESCALATE = "50", "75"
_STAGES = ((WARN, 0.5), (ESCALATE, 0.75))  # of the time: 24 and 36 of 48 hours
_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ClockTerms:
    """How a client's finished work becomes invoices, and how soon. `zone` is the shop's."""

    grouping: str
    hours: int
    weekend_counts: bool
    zone: ZoneInfo
    automatic: bool = True


@dataclass(frozen=True)
class Period:
    """A week from Monday or a month, by the dates of a zone: from `starts_at` up to, but without, `ends_at`."""

    starts_at: datetime
    ends_at: datetime


def period_of(grouping: str, at: datetime, zone: ZoneInfo) -> Period:
    """The week or month in which something was finished. Raises ValueError for jobs, which have none."""
    day = at.astimezone(zone).date()
    if grouping == Grouping.WEEKLY:
        first = day - timedelta(days=day.weekday())
        return Period(midnight(first, zone), midnight(first + timedelta(days=7), zone))
    if grouping == Grouping.MONTHLY:
        first = day.replace(day=1)
        return Period(midnight(first, zone), midnight((first + timedelta(days=31)).replace(day=1), zone))
    raise ValueError(grouping)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day begins somewhere."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def after_hours(start: datetime, hours: float, terms: ClockTerms) -> datetime:
    """The moment `hours` after `start`. Where weekends don't count, the clock stands still from Saturday's to Monday's midnight."""
    moment, left = start.astimezone(UTC), timedelta(hours=hours)
    if terms.weekend_counts:
        return moment + left
    while True:
        day = moment.astimezone(terms.zone).date()
        ends = midnight(day + _DAY, terms.zone)
        if day.weekday() >= _SATURDAY:
            moment = ends
        elif moment + left <= ends:
            return moment + left
        else:
            left -= ends - moment
            moment = ends


def counted_from(at: datetime, terms: ClockTerms) -> datetime:
    """Since when the clock of work finished `at` runs: since then, or since its week or month is over."""
    return at if terms.grouping == Grouping.JOB else period_of(terms.grouping, at, terms.zone).ends_at


def promised_at(clock_from: datetime, terms: ClockTerms) -> datetime:
    """By when the invoice is out."""
    return after_hours(clock_from, terms.hours, terms)


def stages(clock_from: datetime, terms: ClockTerms) -> list[Stage]:
    """When people are told: half of the time over, and three quarters."""
    return [Stage(name, after_hours(clock_from, terms.hours * share, terms)) for name, share in _STAGES]


def working(clock_from: datetime, terms: ClockTerms) -> list[Step]:
    """How the deadline came about, for whoever asks."""
    began = {
        Finished.JOB: gettext_noop("The work was finished"),
        Finished.WEEKLY: gettext_noop("The client's week was over"),
        Finished.MONTHLY: gettext_noop("The client's month was over"),
        Finished.PERIOD: gettext_noop("The agreement's period was over"),
        Finished.MILESTONE: gettext_noop("The milestone was reached"),
    }[Finished(terms.grouping)]
    counted = (
        gettext_noop("%(hours)s hours later, weekends included")
        if terms.weekend_counts
        else gettext_noop("%(hours)s hours later, weekends left out")
    )
    return [Step(began, clock_from), Step(counted, promised_at(clock_from, terms), params={"hours": terms.hours})]
