"""Saved replies, as the composer offers them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from clients.models import ArchivableQuerySet
from msp.accounts.models import Membership
from tickets.models import SavedReply, Ticket
from tickets.rules.placeholders import filled, first_name


@dataclass(frozen=True)
class Offered:
    """A saved reply with the ticket's own words in its blanks."""

    reply: SavedReply
    text: str


def replies_for(me: Membership) -> ArchivableQuerySet[SavedReply]:
    """The shop's and one's own, by name."""
    found: ArchivableQuerySet[SavedReply] = SavedReply.objects.living()
    return found.filter(Q(owner=None) | Q(owner=me)).order_by("name", "id")


def offered_on(ticket: Ticket, me: Membership) -> list[Offered]:
    """One query."""
    values = {
        "first_name": first_name(ticket.contact.name) if ticket.contact else ticket.client.name,
        "number": f"#{ticket.number}",
        "subject": ticket.subject,
        "me": me.name,
    }
    return [Offered(reply, filled(reply.body, values)) for reply in replies_for(me)]
