"""What a client's contact sees of the requests of their company. Runs in the portal's scope: the walls narrow every row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from tickets.choices import Status
from tickets.models import Message, ServiceForm, Ticket, TicketQuerySet

from .together import with_merged

ASK_FOR = timedelta(days=14)  # how long we ask whether it works
ON_HOME = 5
SHOWN_AT_FIRST = 50  # messages of a conversation


def requests_of_client() -> TicketQuerySet:
    """Every request of the contact's company, without the team's words about it."""
    found: TicketQuerySet = Ticket.objects.select_related("assignee", "contact").defer("summary")
    return found


def open_requests() -> TicketQuerySet:
    return requests_of_client().filter(~Q(status=Status.SOLVED))


def done_requests() -> TicketQuerySet:
    return requests_of_client().filter(status=Status.SOLVED, merged_into=None)


def services_offered() -> list[ServiceForm]:
    """The shop's request forms, in its order."""
    rows = ServiceForm.objects.living().select_related("category").order_by("position", "name")
    return list(rows)


def asks_whether_it_works(ticket: Ticket, now: datetime) -> bool:
    """Whether we still want to hear that it works."""
    return ticket.solved_at is not None and ticket.confirmed_at is None and now - ticket.solved_at < ASK_FOR


def conversation(ticket: Ticket, now: datetime, *, whole: bool = False) -> tuple[list[Message], int]:
    """What was said, oldest first: public, and out of the sender's reach. Without `whole` only the latest, and how many are earlier.

    Three queries at most.
    """
    rows = Message.objects.shown_to_client(now).filter(ticket__in=with_merged(ticket))
    latest = list(rows.order_by("-at", "-id")[: None if whole else SHOWN_AT_FIRST + 1])
    hidden = 0
    if not whole and len(latest) > SHOWN_AT_FIRST:
        hidden, latest = rows.count() - SHOWN_AT_FIRST, latest[:SHOWN_AT_FIRST]
    return latest[::-1], hidden


@dataclass(frozen=True)
class Home:
    """The first page's requests: what needs the client, and what we do; ON_HOME of each at most, and how many there are."""

    needs: list[Ticket]
    needs_count: int
    working: list[Ticket]
    working_count: int


def home(now: datetime) -> Home:
    """Four queries."""
    waits, solved = Q(status=Status.WAITING_CLIENT), Q(status=Status.SOLVED)
    asked = Q(confirmed_at=None, merged_into=None, solved_at__gt=now - ASK_FOR) & solved
    counts = requests_of_client().aggregate(
        needs=Count("pk", filter=waits | asked), working=Count("pk", filter=~waits & ~solved)
    )
    needs = list(requests_of_client().filter(waits).order_by("queue_at", "number")[:ON_HOME])
    needs += requests_of_client().filter(asked).order_by("-solved_at", "-number")[: ON_HOME - len(needs)]
    working = requests_of_client().filter(~waits & ~solved).order_by("queue_at", "number")[:ON_HOME]
    return Home(needs, counts["needs"], list(working), counts["working"])


def last_words(tickets: list[Ticket], now: datetime) -> dict[UUID, Message]:
    """The latest thing said on each of a few requests since it was described. One query."""
    rows = Message.objects.shown_to_client(now).filter(ticket__in=tickets, at__gt=F("ticket__created_at"))
    return {row.ticket_id: row for row in rows.order_by("ticket", "-at", "-id").distinct("ticket")}
