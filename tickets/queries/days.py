"""A person's day: what they logged, what lies between, and what waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from msp.accounts.models import Membership
from tickets.choices import Status
from tickets.models import Ticket, TimeEntry, Timer
from tickets.rules import Stretch, day_bounds, gaps_between, within

BAR = 320  # width units of the day bar's drawing


@dataclass(frozen=True)
class Block:
    """A rectangle of the day bar."""

    kind: str  # log, gap, run
    x: int
    width: int


@dataclass(frozen=True)
class Day:
    """One person's day in the page's zone."""

    day: date
    entries: list[TimeEntry]
    gaps: list[Stretch]
    blocks: list[Block]
    scale: list[datetime]

    @property
    def minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries)

    @property
    def gap_minutes(self) -> int:
        return sum(gap.minutes for gap in self.gaps)


def day_of(member: Membership, day: date, now: datetime, timer: Timer | None = None) -> Day:
    """What `member` logged on `day`. A running `timer` counts as work on today's bar. One query."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    rows = TimeEntry.objects.filter(member=member, started_at__gte=start, started_at__lt=end)
    entries = list(rows.select_related("ticket", "client").order_by("started_at", "id"))
    worked = [Stretch(entry.started_at, entry.ended_at) for entry in entries]
    is_today = start <= now < end
    running = [Stretch(max(timer.running_since, start), now)] if timer and timer.running_since and is_today else []
    # Nobody is asked what they did at night between two pieces of work.
    gaps = within(gaps_between(worked + running, now if is_today else None), day_bounds(start, []))
    shown = day_bounds(start, worked)
    blocks = [
        *(_block("log", piece, shown) for piece in worked),
        *(_block("gap", piece, shown) for piece in gaps),
        *(_block("run", piece, shown) for piece in running),
    ]
    quarter = (shown.end - shown.start) / 4
    return Day(day, entries, gaps, blocks, [shown.start + quarter * step for step in range(5)])


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
