"""A call is written down: as a ticket, or on one that is open. The emergency line pages who is on call."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Client, Contact
from clients.queries import on_call
from msp.accounts.choices import Role
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.notify.actions import notify, page
from tickets.choices import Door, Priority
from tickets.models import Call, Ticket
from tickets.rules import Along, Refused

from .messages import add_note
from .tickets import change_priority, open_ticket

SUBJECT = 200
CALLED_AT_EMERGENCIES = (Role.OWNER, Role.DISPATCHER)


def take_call(
    *,
    actor: Actor,
    now: datetime,
    member: Membership,
    client: Client,
    contact: Contact | None,
    words: str,
    number: str,
    started_at: datetime,
    form_key: UUID,
    ticket: Ticket | None = None,
    is_emergency: bool = False,
) -> Call:
    """Keep what was said: as a note on `ticket`, else as a new one. Sending the same form again gives the first call.

    An emergency is urgent, pages who is on call and tells dispatchers and owners. Raises Refused for another client's ticket.
    """
    if ticket is not None and ticket.client_id != client.pk:
        raise Refused(_("#%(number)s is another client's ticket.") % {"number": ticket.number})
    with transaction.atomic():
        if twin := Call.objects.select_related("ticket").filter(form_key=form_key).first():
            return twin
        opened = ticket is None
        given: dict[str, Any] = {"actor": actor, "now": now}
        if ticket is None:
            given |= _opening(client, contact, words, number, is_emergency=is_emergency)
            ticket = open_ticket(author=member, **given)
        else:
            said = _("%(name)s called: %(words)s") % {"name": contact.name if contact else client.name, "words": words}
            add_note(**given, ticket=ticket, author=member, body=said, along=Along(form_key=form_key))
            if is_emergency:
                ticket = change_priority(**given, ticket=ticket, priority=Priority.URGENT)
        call = Call.objects.create(
            client=client, contact=contact, member=member, ticket=ticket, number=number, is_emergency=is_emergency,
            opened=opened, form_key=form_key, started_at=min(started_at, now), ended_at=now,
        )  # fmt: skip
        record(actor=actor, verb="call.taken", subject=ticket, now=now, data={"number": ticket.number})
        _raise_alarm(actor, now, call)
    return call


def _opening(client: Client, contact: Contact | None, words: str, number: str, *, is_emergency: bool) -> dict[str, Any]:
    """A ticket that begins with a call; of a stranger it keeps the number to call back."""
    stranger = contact is None and number
    body = _("%(words)s\n\nCalled from %(number)s") % {"words": words, "number": number} if stranger else words
    about = {"client": client, "contact": contact, "site": contact.site if contact else None}
    priority = Priority.URGENT if is_emergency else Priority.NORMAL
    return about | {"subject": words[:SUBJECT], "body": body, "door": Door.PHONE, "priority": priority}


def _raise_alarm(actor: Actor, now: datetime, call: Call) -> None:
    if not call.is_emergency:
        return
    ticket = call.ticket
    said = {"number": ticket.number, "client": ticket.client.name, "subject": ticket.subject}
    told: dict[str, Any] = {
        "now": now,
        "words": lambda: _("Emergency: %(client)s, %(subject)s (#%(number)s)") % said,
        "url": ticket.get_absolute_url(),
        "key": f"emergency:{ticket.pk}",
    }
    guards = on_call(now)
    if guards:
        page(actor=actor, to=sorted(guards, key=lambda guard: guard.pk), **told)
    others = [member for member in staff() if set(member.roles) & set(CALLED_AT_EMERGENCIES)]
    for member in sorted({*guards, *others}, key=lambda member: member.pk):
        notify(to=member, urgent=True, **told)
