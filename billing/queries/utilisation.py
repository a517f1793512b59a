"""How much of people's working hours was logged, and how much of that can be billed. The owner's to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce

from billing.rules.costing import part_of
from clients.models import Leave
from clients.queries import default_calendar
from clients.rules.calendars import Calendar
from msp.accounts.choices import Capability, MembershipKind
from msp.accounts.models import Membership
from tickets.models import TimeEntry

from .profit import Window

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Utilised:
    """One person's days. `available`: minutes of service hours on days they worked here and were not on leave; None without service hours."""

    of: Membership | None
    days: int
    away: int
    available: int | None
    billable: int
    other: int

    @property
    def logged(self) -> int:
        return self.billable + self.other

    @property
    def share(self) -> int | None:
        """Billable of available time, in percent."""
        return part_of(self.billable, self.available) if self.available else None

    @property
    def logged_share(self) -> int | None:
        return part_of(self.logged, self.available) if self.available else None

    @property
    def unaccounted(self) -> int | None:
        """Available minutes on which nothing is logged; time logged beyond them takes none away."""
        return None if self.available is None else max(0, self.available - self.logged)


def utilisation(asked: Window) -> list[Utilised]:
    """Everybody who works on tickets, or logged time in these days, the least utilised first. Four queries."""
    logged = _logged(asked)
    people = Membership.objects.filter(kind=MembershipKind.STAFF)
    here = people.filter(Q(ended_at=None) | Q(pk__in=list(logged))).order_by("name", "id")
    shown = [member for member in here if member.pk in logged or member.can(Capability.TICKETS_WORK)]
    away = _away(asked)
    default = default_calendar()
    open_days = _open_days(default.terms.calendar() if default else None, asked)
    rows = [_row(member, asked, open_days, away[member.pk], logged.get(member.pk)) for member in shown]
    return sorted(rows, key=lambda row: (row.share is None, row.share or 0, row.of.name if row.of else ""))


def together(rows: list[Utilised]) -> Utilised:
    """All of them as one."""
    known = [row.available for row in rows if row.available is not None]
    return Utilised(
        None,
        sum(row.days for row in rows),
        sum(row.away for row in rows),
        sum(known) if known else None,
        sum(row.billable for row in rows),
        sum(row.other for row in rows),
    )


def _logged(asked: Window) -> dict[UUID, tuple[int, int, date]]:
    """Member id -> billable and other minutes, and the day of the first of them."""
    entries = TimeEntry.objects.filter(started_at__gte=asked.starts, started_at__lt=asked.ends)
    rows: Any = entries.values("member_id").annotate(
        billable=Coalesce(Sum("minutes", filter=Q(is_billable=True)), 0),
        other=Coalesce(Sum("minutes", filter=Q(is_billable=False)), 0),
        first=Min("started_at"),
    )
    return {
        row["member_id"]: (row["billable"], row["other"], row["first"].astimezone(asked.zone).date())
        for row in rows.order_by()
    }


def _away(asked: Window) -> dict[UUID, set[date]]:
    found: dict[UUID, set[date]] = defaultdict(set)
    for leave in Leave.objects.filter(starts_on__lte=asked.last, ends_on__gte=asked.first):
        first, last = max(leave.starts_on, asked.first), min(leave.ends_on, asked.last)
        found[leave.member_id] |= {first + n * _DAY for n in range((last - first).days + 1)}
    return found


def _open_days(calendar: Calendar | None, asked: Window) -> dict[date, int] | None:
    """The days of the window with service hours, with their minutes."""
    if calendar is None or calendar.always:
        return None
    days = [asked.first + n * _DAY for n in range((asked.last - asked.first).days + 1)]
    lengths = {day: sum((closes - opens for opens, closes in calendar.windows_on(day)), timedelta()) for day in days}
    return {day: int(length.total_seconds() // 60) for day, length in lengths.items() if length}


def _row(
    member: Membership,
    asked: Window,
    open_days: Mapping[date, int] | None,
    away: set[date],
    logged: tuple[int, int, date] | None,
) -> Utilised:
    billable, other, worked_from = logged or (0, 0, asked.last)
    if open_days is None:
        return Utilised(member, 0, len(away), None, billable, other)
    # An account made later than the work it logged: the work says since when.
    begins = min(member.created_at.astimezone(asked.zone).date(), worked_from)
    ends = member.ended_at.astimezone(asked.zone).date() if member.ended_at else asked.last
    mine = [day for day in open_days if begins <= day <= ends]
    there = [day for day in mine if day not in away]
    return Utilised(member, len(there), len(mine) - len(there), sum(open_days[day] for day in there), billable, other)
