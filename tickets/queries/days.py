"""A person's day: what they logged, what lies between, and what waits for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q
from django.utils import timezone

from msp.accounts.models import Membership
from tickets.choices import Status, WeekState
from tickets.models import Ticket, TimeEntry, Timer, TimeWeek
from tickets.rules import Stretch, day_bounds, gaps_between, within

BAR = 320  # width units of the day bar's drawing


@dataclass(frozen=True)
class Block:
    """A rectangle of the day bar."""

    kind: str  # log, late, gap, run
    x: int
    width: int


@dataclass(frozen=True)
class Gap(Stretch):
    """Time on which nothing is logged, and the ticket that was worked on just before."""

    ticket: Ticket | None


@dataclass(frozen=True)
class Day:
    """One person's day in the page's zone."""

    day: date
    entries: list[TimeEntry]
    gaps: list[Gap]
    blocks: list[Block]
    scale: list[datetime]

    @property
    def minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries)

    @property
    def gap_minutes(self) -> int:
        return sum(gap.minutes for gap in self.gaps)

    @property
    def late_minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries if is_late(entry))


def day_of(member: Membership, day: date, now: datetime, timer: Timer | None = None) -> Day:
    """What `member` logged on `day`. A running `timer` counts as work on today's bar. One query."""
    start, end = bounds_of(day)
    return _day(day, entries_between([member], start, end)[member.pk], now, timer)


def entries_between(members: Sequence[Membership], start: datetime, end: datetime) -> dict[UUID, list[TimeEntry]]:
    """Everybody's entries that began in a stretch of time, in their order. One query."""
    rows = TimeEntry.objects.filter(member__in=members, started_at__gte=start, started_at__lt=end)
    found: dict[UUID, list[TimeEntry]] = {member.pk: [] for member in members}
    for entry in rows.select_related("ticket", "client").order_by("started_at", "id"):
        found[entry.member_id].append(entry)
    return found


def bounds_of(day: date, days: int = 1) -> tuple[datetime, datetime]:
    """Where `days` days from `day` on begin and end, in the page's zone."""
    start, end = (datetime.combine(each, time.min) for each in (day, day + timedelta(days=days)))
    return timezone.make_aware(start), timezone.make_aware(end)


def _day(day: date, entries: list[TimeEntry], now: datetime, timer: Timer | None = None) -> Day:
    start, end = bounds_of(day)
    worked = [Stretch(entry.started_at, entry.ended_at) for entry in entries]
    is_today = start <= now < end
    running = [Stretch(max(timer.running_since, start), now)] if timer and timer.running_since and is_today else []
    # Nobody is asked what they did at night between two pieces of work.
    gaps = within(gaps_between(worked + running, now if is_today else None), day_bounds(start, []))
    shown = day_bounds(start, worked)
    blocks = [
        *(
            _block("late" if is_late(entry) else "log", piece, shown)
            for entry, piece in zip(entries, worked, strict=True)
        ),
        *(_block("gap", piece, shown) for piece in gaps),
        *(_block("run", piece, shown) for piece in running),
    ]
    quarter = (shown.end - shown.start) / 4
    named = [Gap(gap.start, gap.end, _before(entries, gap)) for gap in gaps]
    return Day(day, entries, named, blocks, [shown.start + quarter * step for step in range(5)])


def is_late(entry: TimeEntry) -> bool:
    """Whether it was written down on a later day than the work was done: what one remembers of yesterday is a guess."""
    return timezone.localdate(entry.created_at) > timezone.localdate(entry.ended_at)


def _before(entries: Sequence[TimeEntry], gap: Stretch) -> Ticket | None:
    """What was worked on just before a gap: most likely it went on."""
    earlier = [entry for entry in entries if entry.ended_at <= gap.start]
    return max(earlier, key=lambda entry: entry.ended_at).ticket if earlier else None


@dataclass(frozen=True)
class Week:
    """Seven days of one person, Monday first, and what became of them."""

    monday: date
    days: list[Day]
    handed_in: TimeWeek | None

    @property
    def minutes(self) -> int:
        return sum(day.minutes for day in self.days)

    @property
    def gap_minutes(self) -> int:
        return sum(day.gap_minutes for day in self.days)

    @property
    def late_minutes(self) -> int:
        return sum(day.late_minutes for day in self.days)

    @property
    def billable_minutes(self) -> int:
        return sum(entry.minutes for day in self.days for entry in day.entries if entry.is_billable)


def week_of(member: Membership, monday: date, now: datetime, timer: Timer | None = None) -> Week:
    """Two queries."""
    start, end = bounds_of(monday, 7)
    by_day: dict[date, list[TimeEntry]] = defaultdict(list)
    for entry in entries_between([member], start, end)[member.pk]:
        by_day[timezone.localdate(entry.started_at)].append(entry)
    days = [_day(each, by_day[each], now, timer) for each in (monday + timedelta(days=n) for n in range(7))]
    return Week(monday, days, TimeWeek.objects.filter(member=member, monday=monday).first())


def team_on(day: date, members: Sequence[Membership], now: datetime) -> list[tuple[Membership, Day]]:
    """Everybody's day, the team's timers counted as work. Two queries."""
    start, end = bounds_of(day)
    entries = entries_between(members, start, end)
    timers = {timer.member_id: timer for timer in Timer.objects.filter(member__in=members)}
    return [(member, _day(day, entries[member.pk], now, timers.get(member.pk))) for member in members]


def weeks_to_approve() -> list[TimeWeek]:
    """What was handed in and nobody decided yet, the longest waiting first. One query."""
    rows = TimeWeek.objects.filter(state=WeekState.SUBMITTED).select_related("member")
    return list(rows.order_by("submitted_at", "id")[:100])


def _block(kind: str, piece: Stretch, shown: Stretch) -> Block:
    """Where a piece of the day stands on the bar, cut to what the bar shows."""
    length = (shown.end - shown.start).total_seconds()

    def place(moment: datetime) -> int:
        return round(max(0.0, min(1.0, (moment - shown.start).total_seconds() / length)) * BAR)

    x = place(piece.start)
    return Block(kind, x, max(2, place(piece.end) - x))


@dataclass(frozen=True)
class WaitingOnMe:
    """Clients whose last word to a member has no answer yet."""

    clients: int
    since: datetime | None


def waiting_on(member: Membership) -> WaitingOnMe:
    """One query over the member's open tickets."""
    mine = Ticket.objects.filter(~Q(status=Status.SOLVED), assignee=member, client_waiting_since__isnull=False)
    found = mine.aggregate(clients=Count("client", distinct=True), since=Min("client_waiting_since"))
    return WaitingOnMe(**found)


def recent_tickets(member: Membership) -> Sequence[Ticket]:
    """Tickets a member may want to log time on: their open ones, the latest touched first."""
    return list(
        Ticket.objects.filter(~Q(status=Status.SOLVED), assignee=member)
        .select_related("client")
        .order_by("-changed_at")[:30]
    )
