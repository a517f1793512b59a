"""When one does not get on alone: time to find out, a colleague, somebody who knows more, and our own mistakes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.notify.actions import notify
from tickets.choices import Priority
from tickets.models import Message, Ticket
from tickets.rules import Along, Refused

from .around import watch
from .messages import add_note, reply_publicly
from .tickets import assign_ticket, open_ticket


def ask_for_time(
    *, actor: Actor, now: datetime, ticket: Ticket, author: Membership, body: str, back_by: datetime, along: Along
) -> Message:
    """Tell the client honestly that it takes finding out, and promise when they hear again. Raises Refused for a time gone by."""
    if back_by <= now:
        raise Refused(_("That time has passed already."))
    with transaction.atomic():
        message = reply_publicly(
            actor=actor, now=now, ticket=ticket, author=author, body=body, to=ticket.contact, along=along
        )
        record(actor=actor, verb="ticket.time_asked", subject=ticket, now=now)
    return message


def bring_in(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    author: Membership,
    member: Membership,
    question: str,
    body: str,
    along: Along,
) -> None:
    """Ask a colleague, who watches the ticket from now on; `body`, if any, tells the client so."""
    if member.pk == author.pk:
        raise Refused(_("Choose somebody else."))
    with transaction.atomic():
        if body:
            reply_publicly(
                actor=actor, now=now, ticket=ticket, author=author, body=body, to=ticket.contact, along=along
            )
        add_note(actor=actor, now=now, ticket=ticket, author=author, body=question)
        watch(actor=actor, now=now, ticket=ticket, person=member)
        record(actor=actor, verb="ticket.brought_in", subject=ticket, now=now, data={"name": member.name})
        said = {"name": actor.name, "number": ticket.number}
        notify(
            to=member,
            now=now,
            words=lambda: _("%(name)s asks you about #%(number)s.") % said,
            url=ticket.get_absolute_url(),
            key=f"asked:{ticket.pk}",
            urgent=True,
        )


def escalate(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    author: Membership,
    member: Membership,
    why: str,
    body: str,
    along: Along,
) -> Ticket:
    """Hand the ticket to somebody who knows more. Who had it watches on, so that nobody has to tell the story twice."""
    before = ticket.assignee
    if before is not None and before.pk == member.pk:
        raise Refused(_("%(name)s has it already.") % {"name": member.name})
    with transaction.atomic():
        add_note(actor=actor, now=now, ticket=ticket, author=author, body=why)
        if body:
            reply_publicly(
                actor=actor, now=now, ticket=ticket, author=author, body=body, to=ticket.contact, along=along
            )
        ticket = assign_ticket(actor=actor, now=now, ticket=ticket, assignee=member)
        for keeps in {person.pk: person for person in (before, author) if person}.values():
            if keeps.pk != member.pk:
                watch(actor=actor, now=now, ticket=ticket, person=keeps)
        record(actor=actor, verb="ticket.escalated", subject=ticket, now=now, data={"to": member.name})
        said = {"name": actor.name, "number": ticket.number}
        notify(
            to=member,
            now=now,
            words=lambda: _("%(name)s escalated #%(number)s to you.") % said,
            url=ticket.get_absolute_url(),
            key=f"escalated:{ticket.pk}",
            urgent=True,
        )
    return ticket


def open_rework(
    *, actor: Actor, now: datetime, ticket: Ticket, author: Membership, body: str, priority: int = Priority.HIGH
) -> Ticket:
    """Our mistake: a ticket of its own, whose time nobody pays for. The client reads `body`."""
    with transaction.atomic():
        made = open_ticket(
            actor=actor,
            now=now,
            client=ticket.client,
            contact=ticket.contact,
            site=ticket.site,
            asset=ticket.asset,
            subject=(_("Again: %(subject)s") % {"subject": ticket.subject})[:200],
            body=body,
            author=author,
            assignee=author,
            priority=priority,
        )
        made.rework_of = ticket
        made.save(update_fields=["rework_of"])
        record(actor=actor, verb="ticket.reworked", subject=ticket, now=now, data={"number": made.number})
    return made
