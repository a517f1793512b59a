"""How well service levels were met, and what was broken without a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, IntegerField, Q, QuerySet

from clients.choices import JUDGED, PromiseState
from clients.models import Client, Promise
from msp.accounts.models import Membership
from tickets.choices import ClockKind, ExclusionState, Priority
from tickets.models import SlaClock, Ticket

SHARES = (50, 90, 95)
KINDS = [kind.value for kind in ClockKind]


class Percentile(Aggregate):
    """The smallest value that `share` per cent of the rows do not exceed; null of none."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()

    def __init__(self, expression: str, share: int) -> None:
        super().__init__(expression, share=f"{share / 100:.2f}")


@dataclass(frozen=True)
class Level:
    """One kind of deadline of one group: how many, how many in time, and how many service minutes they took."""

    kind: ClockKind
    number: int
    in_time: int
    minutes: tuple[int | None, ...]  # at SHARES

    @property
    def percent(self) -> int:
        """Rounded down: 100 means that none was late."""
        return self.in_time * 100 // self.number


@dataclass(frozen=True)
class Group:
    """A priority, a client or a technician with what was promised and kept there."""

    name: str
    levels: list[Level]


@dataclass(frozen=True)
class Period:
    since: datetime
    until: datetime


def measured(period: Period) -> QuerySet[SlaClock]:
    """The clocks that were kept or broken in a period, and are not left out."""
    return SlaClock.objects.filter(
        promise__state__in=JUDGED,
        promise__excluded_because="",
        promise__finished_at__gte=period.since,
        promise__finished_at__lt=period.until,
    )


def levels(period: Period) -> list[Level]:
    """Over everything. One query."""
    return [_level(row) for row in _figures(measured(period), "kind")]


def levels_by(by: str, period: Period) -> list[Group]:
    """By `priority`, `client` or `promise__owner`, by name. Two queries at most."""
    groups: dict[Any, list[Level]] = {}
    for row in _figures(measured(period), by, "kind"):
        groups.setdefault(row[by], []).append(_level(row))
    names = _names(by, groups)
    found = [Group(names.get(key, ""), rows) for key, rows in groups.items()]
    return found if by == "priority" else sorted(found, key=lambda group: group.name)


def _figures(rows: QuerySet[SlaClock], *by: str) -> Iterable[dict[str, Any]]:
    shares: dict[str, Any] = {f"p{share}": Percentile("took_minutes", share) for share in SHARES}
    counted = rows.values(*by).annotate(
        number=Count("id"), in_time=Count("id", filter=Q(promise__state=PromiseState.KEPT)), **shares
    )
    return sorted(counted, key=lambda row: (_order(row[by[0]]), KINDS.index(row["kind"])))


def _order(value: Any) -> Any:
    return KINDS.index(value) if value in KINDS else value if isinstance(value, int) else 0


def _level(row: dict[str, Any]) -> Level:
    shares = tuple(row[f"p{share}"] for share in SHARES)
    return Level(ClockKind(row["kind"]), row["number"], row["in_time"], shares)


def _names(by: str, keys: Iterable[Any]) -> dict[Any, str]:
    if by == "priority":
        return {priority.value: str(priority.label) for priority in Priority}
    model: Any = Client if by == "client" else Membership
    return dict(model.objects.filter(pk__in=[key for key in keys if key]).values_list("pk", "name"))


# --- what was broken


def broken_promises(*, unexplained: bool) -> QuerySet[Promise]:
    """Broken deadlines of tickets, not yet ordered: all of them, or those that nobody gave a reason for."""
    found: QuerySet[Promise] = Promise.objects.filter(state=PromiseState.BROKEN, kind__in=KINDS)
    found = found.filter(subject_kind="tickets.ticket").select_related("client", "owner")
    return found.filter(broken_because="", excluded_because="") if unexplained else found


def unexplained_count() -> int:
    return broken_promises(unexplained=True).count()


def asked_exclusions() -> list[SlaClock]:
    """What somebody asks to leave out of the figures, the oldest first. One query."""
    rows = SlaClock.objects.filter(exclusion=ExclusionState.ASKED)
    named = rows.select_related("promise", "ticket", "client", "exclusion_asked_by")
    return list(named.order_by("exclusion_asked_at", "id"))


@dataclass(frozen=True)
class Breach:
    """A broken deadline with its ticket and clock."""

    promise: Promise
    ticket: Ticket
    clock: SlaClock | None


def breaches_of(promises: Sequence[Promise]) -> list[Breach]:
    """One page of broken promises with what belongs to them. Two queries."""
    tickets: dict[UUID, Ticket] = Ticket.objects.in_bulk([promise.subject_id for promise in promises])
    clocks = {clock.promise_id: clock for clock in SlaClock.objects.filter(promise__in=promises)}
    return [
        Breach(promise, tickets[promise.subject_id], clocks.get(promise.pk))
        for promise in promises
        if promise.subject_id in tickets
    ]
