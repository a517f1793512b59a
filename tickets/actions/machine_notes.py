"""Notes that no person of the team wrote."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.choices import Visibility
from tickets.models import Message, Ticket

from .announcing import announce_message
from .rows import hold_living, write


def note_by_machine(*, actor: Actor, now: datetime, ticket: Ticket, body: str) -> Message:
    """Write something down for the team, on a merged ticket where it lives on. No clock stops, nobody outside reads it."""
    with transaction.atomic():
        ticket = hold_living(ticket)
        note = Message.objects.create(
            ticket=ticket, client_id=ticket.client_id, visibility=Visibility.INTERNAL, author_name=actor.name,
            body=body, at=now, visible_at=now,
        )  # fmt: skip
        announce_message(message=note)
        write(ticket, now)
        record(actor=actor, verb="ticket.noted", subject=ticket, now=now)
    return note
