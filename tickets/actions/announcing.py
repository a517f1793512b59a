"""What tickets tell the shop's own programs: docs/guide/webhooks.md says it to their authors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msp.webhooks.actions import announce, recall
from msp.webhooks.rules import stamp
from tickets.choices import Status
from tickets.models import Message, Ticket

MESSAGE = "ticket.message"
BODY_LENGTH = 10_000  # characters; the whole stands on the ticket
# Columns whose change is worth telling; what follows from them (where it stands in a queue, say) is not.
_TOLD = (
    *("status", "priority", "assignee", "subject", "contact", "site", "asset", "category", "impact", "urgency"),
    *("merged_into", "confirmed_at", "client"),
)


def announce_created(*, now: datetime, ticket: Ticket, first: Message) -> None:
    """Tell of a new ticket, with what was asked."""
    announce(event="ticket.created", subject_id=ticket.pk, now=now, data=lambda: _said(ticket) | _body(first))


def announce_changes(*, now: datetime, ticket: Ticket, fields: Sequence[str]) -> None:
    """Tell which of a ticket's columns changed. Several in one act are one event."""
    changed = [name for name in fields if name in _TOLD]
    if not changed:
        return
    about = {"subject_id": ticket.pk, "now": now}
    announce(event="ticket.changed", data=lambda: _said(ticket) | {"changed": changed}, **about)  # type: ignore[arg-type]
    if "status" in changed and ticket.status == Status.SOLVED:
        announce(event="ticket.solved", data=lambda: _said(ticket), **about)  # type: ignore[arg-type]


def announce_message(*, message: Message) -> None:
    """Tell what was written, once it cannot be taken back any more."""
    announce(
        event=MESSAGE,
        subject_id=message.pk,
        now=message.at,
        data=lambda: _said_in(message) | _body(message),
        leaves_at=message.visible_at,
    )


def recall_message(*, now: datetime, message: Message) -> None:
    """It was taken back."""
    recall(event=MESSAGE, subject_id=message.pk, now=now)


def _said(ticket: Ticket) -> dict[str, Any]:
    """Grows only, within a version. Of a confidential ticket it says that it is there, not what it is about or whose it is."""
    secret = ticket.confidential_to_id is not None
    contact = None if secret else ticket.contact
    return {
        "id": str(ticket.pk),
        "number": ticket.number,
        "subject": None if secret else ticket.subject,
        "confidential": secret,
        "status": ticket.status,
        "priority": ticket.priority,
        "client": {"id": str(ticket.client_id), "name": ticket.client.name},
        "contact": {"id": str(contact.pk), "name": contact.name} if contact else None,
        "assignee": {"id": str(ticket.assignee_id), "name": ticket.assignee.name} if ticket.assignee else None,
        "created_at": stamp(ticket.created_at),
        "solved_at": stamp(ticket.solved_at),
        "url": ticket.get_absolute_url(),
    }


def _said_in(message: Message) -> dict[str, Any]:
    ticket, secret = message.ticket, message.confidential_to_id is not None
    by = "contact" if message.contact_id else "staff" if message.author_id else "system"
    return {
        "id": str(message.pk),
        "ticket": {"id": str(ticket.pk), "number": ticket.number, "confidential": secret},
        "visibility": message.visibility,
        "by": by,
        "author": None if secret else message.author_name,
        "at": stamp(message.at),
        "url": ticket.get_absolute_url(),
    }


def _body(message: Message) -> dict[str, Any]:
    if message.confidential_to_id is not None:
        return {"body": None, "body_is_whole": False}
    return {"body": message.body[:BODY_LENGTH], "body_is_whole": len(message.body) <= BODY_LENGTH}
