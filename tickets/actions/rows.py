"""Holding and writing a ticket's row: the one place where its derived columns follow."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from msp.search.actions import index
from tickets.models import Message, Ticket
from tickets.queries.together import standing
from tickets.rules import Refused, queue_at
from tickets.rules.care import BOOST_BY

from .announcing import announce_changes

MOST_INDEXED = 40  # messages; by then a ticket has the words it is found by


def hold(ticket: Ticket) -> Ticket:
    """The ticket as it stands now, locked until the transaction ends. Needs an open transaction."""
    return Ticket.objects.select_for_update(of=("self",)).select_related("client", "contact").get(pk=ticket.pk)


def hold_standing(ticket: Ticket) -> Ticket:
    """As `hold`. Raises Refused for a ticket that was merged into another one: nothing more happens on it."""
    ticket = hold(ticket)
    if ticket.merged_into_id:
        raise Refused(_("This ticket was merged into another one. Reload the page to go there."))
    return ticket


def hold_living(ticket: Ticket) -> Ticket:
    """As `hold`, for a ticket that was merged: the one that it lives on in."""
    ticket = hold(ticket)
    return hold(standing(ticket)) if ticket.merged_into_id else ticket


def place(ticket: Ticket) -> None:
    """Set where the ticket stands in the queues."""
    ticket.queue_at = queue_at(
        status=ticket.status,
        next_clock_at=ticket.next_clock_at,
        client_waiting_since=ticket.client_waiting_since,
        changed_at=ticket.changed_at,
        sooner=BOOST_BY if ticket.boosted else timedelta(),
    )


def write(ticket: Ticket, now: datetime, *fields: str) -> None:
    """Save the named columns, and the ones that follow from them; tell whoever wants to know what changed."""
    ticket.changed_at = now
    place(ticket)
    ticket.save(update_fields=[*fields, "changed_at", "queue_at"])
    announce_changes(now=now, ticket=ticket, fields=fields)


def make_findable(ticket: Ticket) -> None:
    """Bring the ticket's search words up to date: number, subject and client first, then its people and what was said, oldest first."""
    said = Message.objects.standing().filter(ticket=ticket).order_by("at", "id").values_list("body", flat=True)
    index(
        kind="ticket",
        subject_id=ticket.pk,
        client_id=ticket.client_id,
        label=str(ticket),
        hint=ticket.client.name,
        url=ticket.get_absolute_url(),
        at=ticket.created_at,
        codes=[str(ticket.number)],
        names=[ticket.subject, ticket.client.name],
        texts=[ticket.contact.name if ticket.contact else "", *said[:MOST_INDEXED]],
    )
