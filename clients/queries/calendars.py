"""When the shop serves whom, who is away and who is on call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clients.models import Client, Leave, OnCallShift, ServiceCalendar, Site
from clients.rules.holidays import DaysOff, Terms, public_holidays
from msp.accounts.models import Membership
from msp.accounts.queries import settings_of_shop
from msp.tenancy.kept import kept

PREVIEW_DAYS = 14
HOLIDAYS_AHEAD = 366  # days
_DAY = timedelta(days=1)


def calendars() -> QuerySet[ServiceCalendar]:
    """The living calendars, the shop's own first."""
    found: QuerySet[ServiceCalendar] = ServiceCalendar.objects.living().order_by("-is_default", "name")
    return found


@kept(ServiceCalendar)
def default_calendar() -> ServiceCalendar | None:
    return ServiceCalendar.objects.filter(is_default=True).first()


def calendar_for(client: Client, site: Site | None = None) -> ServiceCalendar | None:
    """The site's calendar, else the client's, else the shop's; None in a shop without any. One query at most."""
    wanted = (site.calendar_id if site else None) or client.calendar_id
    return ServiceCalendar.objects.filter(pk=wanted).first() if wanted else default_calendar()


def shop_zone() -> ZoneInfo:
    """The zone that the shop itself lives in: the one its leave is written in, whoever asks."""
    return ZoneInfo(settings_of_shop().zone)


@dataclass(frozen=True)
class DayShown:
    """A date of a preview: its windows as minutes after midnight, or the holiday's name."""

    day: date
    windows: tuple[tuple[int, int], ...]
    holiday: str


@dataclass(frozen=True)
class Preview:
    days: list[DayShown]
    holidays: list[DayShown]


def preview_of(terms: Terms, today: date) -> Preview:
    """The next 14 days, and the holidays of the next twelve months. No query."""
    calendar = terms.calendar()
    public = public_holidays(terms.country, terms.region) if terms.country else {}
    off = DaysOff(public, {own.day: own for own in terms.days})
    dates = [today + n * _DAY for n in range(HOLIDAYS_AHEAD)]
    shown = [
        DayShown(day, tuple(_minutes(pair) for pair in calendar.windows_on(day)), off.get(day) or "") for day in dates
    ]
    return Preview(shown[:PREVIEW_DAYS], [day for day in shown if day.holiday])


def _minutes(window: tuple[timedelta, timedelta]) -> tuple[int, int]:
    opens, closes = (int(side.total_seconds() // 60) for side in window)
    return opens, closes


def on_call(now: datetime) -> list[Membership]:
    """Who looks after what cannot wait, at this moment: on the rota, still working here, and not on leave. Three queries."""
    shifts = shifts_between(now, now + timedelta(microseconds=1))
    if not shifts:
        return []
    away = away_on(now.astimezone(shop_zone()).date(), [shift.member for shift in shifts])
    return [shift.member for shift in shifts if shift.member.ended_at is None and shift.member_id not in away]


def shifts_between(start: datetime, end: datetime) -> list[OnCallShift]:
    """The shifts of a stretch of time, in order. One query."""
    rows = OnCallShift.objects.filter(starts_at__lt=end, ends_at__gt=start)
    named = rows.select_related("member", "offered_to", "in_return", "in_return__member")
    return list(named.order_by("starts_at", "member__name", "id"))


def away_on(day: date, members: Iterable[Membership]) -> set[object]:
    """Which of these people are on leave that day, by id."""
    rows = Leave.objects.filter(member__in=[member.pk for member in members], starts_on__lte=day, ends_on__gte=day)
    return set(rows.values_list("member_id", flat=True))


def leave_ahead(today: date) -> list[Leave]:
    """Who is away now or will be, in order. One query."""
    return list(Leave.objects.filter(ends_on__gte=today).select_related("member").order_by("starts_on", "member__name"))


@dataclass(frozen=True)
class ShiftShown:
    """A shift of the rota: whether it runs now, and the leave that is in its way."""

    shift: OnCallShift
    runs: bool
    clash: Leave | None


def rota(now: datetime, weeks: int, leaves: Sequence[Leave], zone: ZoneInfo) -> list[ShiftShown]:
    """The shifts from now on. One query."""
    return [
        ShiftShown(shift, shift.covers(now), next((leave for leave in leaves if _in_the_way(leave, shift, zone)), None))
        for shift in shifts_between(now, now + timedelta(weeks=weeks))
    ]


def _in_the_way(leave: Leave, shift: OnCallShift, zone: ZoneInfo) -> bool:
    first, last = (
        shift.starts_at.astimezone(zone).date(),
        (shift.ends_at - timedelta(seconds=1)).astimezone(zone).date(),
    )
    return leave.member_id == shift.member_id and leave.starts_on <= last and leave.ends_on >= first
