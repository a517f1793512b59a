"""What a ticket's page shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from clients.models import Contact
from msp.accounts.models import Membership
from msp.audit.models import Entry
from msp.tenancy.ids import id_from
from tickets.choices import Status
from tickets.models import Attachment, Message, Ticket, TimeEntry, Timer

from .files import by_message
from .together import Recurrence, recurrences_of

SHOWN_AT_FIRST = 40  # messages; the rest is one link away
SHOWN_ACTIVITY = 12
PEOPLE_OFFERED = 50  # contacts that a reply may go to


@dataclass(frozen=True)
class Turn:
    """A message as the thread shows it: by them, by us, or a note."""

    message: Message
    side: str
    who: str
    noted_by: str
    minutes: int
    files: list[Attachment]
    number: int = 0  # of the merged ticket it was written on


@dataclass(frozen=True)
class Thread:
    turns: list[Turn]
    hidden: int  # earlier messages that are not shown


@dataclass(frozen=True)
class Standing:
    """Facts about how we stand with the client, each from rows."""

    open_tickets: int
    recurrences: list[Recurrence]  # it is at least the third of its kind


def thread_of(
    ticket: Ticket,
    times: Sequence[TimeEntry],
    files: Sequence[Attachment],
    *,
    of: Sequence[UUID],
    whole: bool = False,
) -> Thread:
    """The conversation of the tickets `of`, as `with_merged` gives them, oldest first; without `whole` only its latest part.
    Two queries at most."""
    rows = Message.objects.standing().filter(ticket__in=of)
    latest = _with_their_tickets(ticket, rows.order_by("-at", "-id")[: None if whole else SHOWN_AT_FIRST + 1], of)
    hidden = 0
    if not whole and len(latest) > SHOWN_AT_FIRST:
        hidden, latest = rows.count() - SHOWN_AT_FIRST, latest[:SHOWN_AT_FIRST]
    minutes: dict[UUID, int] = defaultdict(int)
    for entry in times:
        if entry.message_id:
            minutes[entry.message_id] += entry.minutes
    went_along = by_message(files)
    turns = [
        _turn(ticket, message, minutes[message.pk], went_along.get(message.pk, [])) for message in reversed(latest)
    ]
    return Thread(turns, hidden)


def _with_their_tickets(ticket: Ticket, rows: QuerySet[Message], of: Sequence[UUID]) -> list[Message]:
    """A ticket is wide: only where others were merged into this one it is read again beside each message."""
    if len(of) > 1:
        return list(rows.select_related("ticket", "ticket__contact"))
    found = list(rows)
    for message in found:
        message.ticket = ticket
    return found


def _turn(ticket: Ticket, message: Message, minutes: int, files: list[Attachment]) -> Turn:
    own = message.ticket
    number = own.number if own.pk != ticket.pk else 0
    if not message.is_public:
        return Turn(message, "note", message.author_name, "", minutes, files, number)
    if message.author_id and message.at == own.created_at:
        # What somebody here wrote down when the client called.
        who = own.contact.name if own.contact else ticket.client.name
        return Turn(message, "them", who, message.author_name, minutes, files, number)
    return Turn(message, "us" if message.author_id else "them", message.author_name, "", minutes, files, number)


def times_on(tickets: Sequence[UUID]) -> list[TimeEntry]:
    """All time on the tickets, newest first."""
    rows = TimeEntry.objects.filter(ticket__in=tickets).select_related("member", "ticket")
    return list(rows.order_by("-started_at", "-id"))


def people_of(ticket: Ticket) -> list[Contact]:
    """The ticket's own contact, be they archived, and the client's living ones: who decides first."""
    own = [ticket.contact] if ticket.contact else []
    others = Contact.objects.living().filter(client=ticket.client_id).exclude(pk__in=[contact.pk for contact in own])
    return [*own, *others.order_by("-decides", "name")[: PEOPLE_OFFERED - len(own)]]


def last_cc(turns: Sequence[Turn]) -> set[str]:
    """The addresses that our latest reply went to."""
    ours = [turn.message for turn in turns if turn.side == "us"]
    return {recipient["email"] for recipient in ours[-1].recipients} if ours else set()


def standing_with(ticket: Ticket, now: datetime) -> Standing:
    """Three queries at most."""
    open_ones = Ticket.objects.filter(~Q(status=Status.SOLVED), client=ticket.client_id)
    return Standing(open_ones.count(), recurrences_of(ticket, now))


def activity_of(ticket: Ticket) -> list[Entry]:
    """The latest entries of the activity log about the ticket."""
    rows = Entry.objects.filter(subject_kind="tickets.ticket", subject_id=ticket.pk)
    return list(rows.order_by("-at", "-id")[:SHOWN_ACTIVITY])


def timer_of(member: Membership) -> Timer | None:
    """The member's clock. Its ticket is read when it is asked for: on most pages no clock runs."""
    return Timer.objects.filter(member=member).first()


def withdrawn_draft(ticket: Ticket, me: Membership, message_id: str) -> Message | None:
    """A reply that its author took back, to be written again."""
    if (wanted := id_from(message_id)) is None:
        return None
    return Message.objects.filter(ticket=ticket, author=me, pk=wanted, withdrawn_at__isnull=False).first()
