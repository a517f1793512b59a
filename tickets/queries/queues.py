"""The ticket list: which tickets, in which order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from clients.models import Client
from msp.accounts.choices import MembershipKind
from msp.accounts.models import Membership
from msp.search.queries import find_ids
from tickets.choices import Priority, QueueView, Status
from tickets.models import Label, Ticket, TicketLabel, TicketQuerySet, TimeEntry

from .catalogue import labels_on, within

MOST_FOUND = 300  # tickets of a search; whoever wants more types another word


@dataclass(frozen=True)
class Asked:
    """What a ticket list was asked for; every part stands in the URL."""

    view: str = QueueView.MINE
    words: str = ""
    client: Client | None = None
    unknown_client: str = ""  # a name that no client has: no ticket is theirs
    status: str = ""
    priority: int | None = None
    assignee: UUID | None = None
    category: UUID | None = None
    label: UUID | None = None
    opened_before: datetime | None = None
    due_before: datetime | None = None  # past their deadline by then

    @property
    def order(self) -> Sequence[str]:
        """Columns that an index serves in each view."""
        if self.view == QueueView.ALL:
            return ("-number",)
        return ("-solved_at", "-number") if self.view == QueueView.SOLVED else ("queue_at", "number")

    @property
    def is_narrowed(self) -> bool:
        named = (self.client, self.unknown_client, self.status, self.priority, self.assignee, self.category, self.label)
        return any((self.words, *named, self.opened_before, self.due_before))


def queue(asked: Asked, me: Membership | None) -> TicketQuerySet:
    """The tickets asked for, with client and assignee, not yet ordered. Without `me` nothing is mine."""
    found: TicketQuerySet = Ticket.objects.select_related("client", "assignee").defer("summary", "answers")
    narrow = {
        "client": asked.client,
        "status": asked.status,
        "priority": asked.priority,
        "assignee_id": asked.assignee,
        "category__in": within(asked.category) if asked.category else None,
        "created_at__lt": asked.opened_before,
        "next_clock_at__lt": asked.due_before,
    }
    found = _viewed(found, asked.view, me).filter(**{name: value for name, value in narrow.items() if value})
    if asked.unknown_client:
        found = found.none()
    if asked.label:
        found = found.filter(Exists(TicketLabel.objects.filter(label=asked.label, ticket=OuterRef("pk"))))
    if asked.words:
        found = found.filter(pk__in=find_ids(asked.words, kind="ticket", limit=MOST_FOUND))
    return found


def _viewed(found: TicketQuerySet, view: str, me: Membership | None) -> TicketQuerySet:
    # "Not solved" in the very words of the partial indexes: Postgres does not conclude it from a list of the open ones.
    is_open = ~Q(status=Status.SOLVED)
    match view:
        case QueueView.MINE:
            return found.filter(is_open, assignee=me) if me else found.none()
        case QueueView.UNASSIGNED:
            return found.filter(is_open, assignee=None)
        case QueueView.TEAM:
            return found.filter(is_open)
        case QueueView.WAITING:
            return found.filter(status=Status.WAITING_CLIENT)
        case QueueView.SOLVED:
            return found.filter(status=Status.SOLVED, merged_into=None)
        case _:
            return found


@dataclass(frozen=True)
class Counts:
    """Open tickets by view."""

    mine: int
    unassigned: int
    team: int
    waiting: int

    def of(self, view: str) -> int | None:
        """The number beside a tab; None where counting would read everything."""
        return getattr(self, view, None)


def open_tickets_of(me: Membership | None) -> QuerySet[Ticket, Any]:
    """A member's open tickets, or nobody's, to be counted."""
    return Ticket.objects.filter(~Q(status=Status.SOLVED), assignee=me).values("pk")


def open_counts(me: Membership) -> Counts:
    """One query over the index of open tickets."""
    return Counts(
        **Ticket.objects.filter(~Q(status=Status.SOLVED)).aggregate(
            mine=Count("assignee", filter=Q(assignee=me)),
            unassigned=Count("status", filter=Q(assignee=None)),
            team=Count("status"),
            waiting=Count("status", filter=Q(status=Status.WAITING_CLIENT)),
        )
    )


def minutes_of(tickets: Iterable[Ticket]) -> dict[UUID, int]:
    """Minutes logged on each of one page's tickets."""
    rows = TimeEntry.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).values_list("ticket_id")
    return dict(rows.annotate(worked=Sum("minutes")))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list, with every word ready: fifty rows of lazy labels cost more than their query."""

    number: int
    subject: str
    client: str
    status: str
    assignee: str
    priority: int
    priority_word: str
    waiting_since: datetime | None
    solved_at: datetime | None
    minutes: int
    labels: list[Label]
    boosted: bool
    present: str = ""  # who else is on it
    due: datetime | None = None  # the next deadline


def rows_of(tickets: Sequence[Ticket], present: Mapping[UUID, str] | None = None) -> list[Row]:
    """The lines of one page; `present` says who is on them. One query for the time, one for the labels."""
    present = present or {}
    minutes, labels = minutes_of(tickets), labels_on(tickets)
    statuses = {status.value: str(status.label) for status in Status}
    priorities = {priority.value: str(priority.label) for priority in Priority}
    return [
        Row(
            ticket.number,
            ticket.subject,
            ticket.client.name,
            statuses[ticket.status],
            ticket.assignee.name if ticket.assignee else "",
            ticket.priority,
            priorities[ticket.priority],
            ticket.client_waiting_since,
            ticket.solved_at,
            minutes.get(ticket.pk, 0),
            labels.get(ticket.pk, []),
            ticket.boosted,
            present.get(ticket.pk, ""),
            ticket.next_clock_at if ticket.solved_at is None else None,
        )
        for ticket in tickets
    ]


def workers() -> list[Membership]:
    """The shop's present staff by name."""
    return list(Membership.objects.filter(kind=MembershipKind.STAFF, ended_at=None).order_by("name"))


def staff_rows() -> QuerySet[Membership]:
    """The same, for a form to choose from."""
    return Membership.objects.filter(kind=MembershipKind.STAFF, ended_at=None).order_by("name")
