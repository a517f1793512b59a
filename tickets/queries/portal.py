"""What a client's contact sees of the requests of their company. Runs in the portal's scope: the walls narrow every row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from tickets.choices import Status
from tickets.models import Message, ServiceForm, Ticket, TicketQuerySet

from .together import with_merged

ASK_FOR = timedelta(days=14)  # how long we ask whether it works
ON_HOME = 5


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


def conversation(ticket: Ticket, now: datetime) -> list[Message]:
    """What was said, oldest first: public, and out of the sender's reach."""
    rows = Message.objects.shown_to_client(now).filter(ticket__in=with_merged(ticket))
    return list(rows.order_by("at", "id"))


@dataclass(frozen=True)
class Home:
    """The first page's requests: what needs the client, and what we do. `more` counts what is not shown."""

    needs: list[Ticket]
    working: list[Ticket]


def home(now: datetime) -> Home:
    """Two queries."""
    running = list(open_requests().order_by("queue_at", "number"))
    to_confirm = done_requests().filter(confirmed_at=None, solved_at__gt=now - ASK_FOR).order_by("-solved_at")
    needs = [ticket for ticket in running if ticket.status == Status.WAITING_CLIENT]
    return Home(needs + list(to_confirm[:ON_HOME]), [ticket for ticket in running if ticket not in needs])


def last_words(tickets: list[Ticket], now: datetime) -> dict[UUID, Message]:
    """The latest thing said on each of a few requests since it was described. One query."""
    rows = Message.objects.shown_to_client(now).filter(ticket__in=tickets, at__gt=F("ticket__created_at"))
    return {row.ticket_id: row for row in rows.order_by("ticket", "-at", "-id").distinct("ticket")}
