"""One ticket behind many: they are linked, and answered at once, each to its own contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.models import ChildTicket, Message, Ticket
from tickets.queries.together import family_of
from tickets.rules import Along, Refused

from .messages import reply_publicly, take_back_reply


def add_children(*, actor: Actor, now: datetime, parent: Ticket, children: Sequence[Ticket]) -> None:
    """Put tickets, of any client, behind `parent`. Raises Refused for a ticket that has a parent or children itself."""
    with transaction.atomic():
        if parent.merged_into_id or ChildTicket.objects.filter(child=parent).exists():
            raise Refused(_("#%(number)s is part of another ticket itself.") % {"number": parent.number})
        for child in sorted(children, key=lambda ticket: ticket.number):
            _check(child, parent)
            _link, is_new = ChildTicket.objects.get_or_create(
                child=child, defaults={"parent": parent, "linked_at": now}
            )
            if is_new:
                data = {"number": parent.number, "child": child.number}
                record(actor=actor, verb="ticket.became_child", subject=child, now=now, data=data)
                record(actor=actor, verb="ticket.got_child", subject=parent, now=now, data=data)


def _check(child: Ticket, parent: Ticket) -> None:
    words = {"number": child.number}
    if child.pk == parent.pk or child.merged_into_id or ChildTicket.objects.filter(parent=child).exists():
        raise Refused(_("#%(number)s has tickets of its own, or was merged.") % words)
    if ChildTicket.objects.filter(child=child).exclude(parent=parent).exists():
        raise Refused(_("#%(number)s is part of another ticket already.") % words)


def remove_child(*, actor: Actor, now: datetime, parent: Ticket, child: Ticket) -> None:
    """Let a ticket stand alone again."""
    with transaction.atomic():
        gone, _rows = ChildTicket.objects.filter(parent=parent, child=child).delete()
        if gone:
            data = {"number": parent.number, "child": child.number}
            record(actor=actor, verb="ticket.left_parent", subject=child, now=now, data=data)
            record(actor=actor, verb="ticket.lost_child", subject=parent, now=now, data=data)


def answer_children(
    *, actor: Actor, now: datetime, parent: Ticket, author: Membership, body: str, along: Along
) -> list[Message]:
    """One reply to each open child's own contact: nobody is shown to anybody. All of them, or none.

    Sending the same form again gives the same messages. Raises Leaking when the words name a client whom not every reader is of.
    """
    with transaction.atomic():
        sent = [
            reply_publicly(
                actor=actor,
                now=now,
                ticket=child,
                author=author,
                body=body,
                to=child.contact,
                along=_fitting(along, child),
            )
            for child in family_of(parent).open_children
        ]
        data = {"number": len(sent)}
        record(actor=actor, verb="ticket.answered_children", subject=parent, now=now, data=data)
    return sent


def _fitting(along: Along, child: Ticket) -> Along:
    """A status that the child cannot take, or has, is left aside."""
    return along if not along.status or child.can_become(along.status) else replace(along, status="")


def take_back_answers(*, actor: Actor, now: datetime, parent: Ticket, form_key: UUID) -> None:
    """Undo an answer to all children before it leaves. Raises Refused once it has."""
    with transaction.atomic():
        links = ChildTicket.objects.filter(parent=parent).values("child")
        rows = Message.objects.standing().filter(ticket__in=links, form_key=form_key).select_related("ticket")
        for message in rows.order_by("ticket__number"):
            take_back_reply(actor=actor, now=now, message=message)
