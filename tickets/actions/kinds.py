"""What kind of ticket it is: category, answers to its fields, labels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from msp.accounts.choices import OF_STAFF
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.choices import Needed
from tickets.models import Category, Label, Ticket, TicketLabel
from tickets.queries.catalogue import fields_of, missing
from tickets.rules import Refused
from tickets.rules.kinds import Kept

from .rows import hold_standing, write


def change_category(*, actor: Actor, now: datetime, ticket: Ticket, category: Category | None) -> Ticket:
    """Say what kind of work it is. Answers to fields of another category are kept, in case it was the right one after all."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if ticket.category_id == (category.pk if category else None):
            return ticket
        ticket.category = category
        write(ticket, now, "category")
        verb, data = ("ticket.categorised", {"category": category.name}) if category else ("ticket.uncategorised", {})
        record(actor=actor, verb=verb, subject=ticket, now=now, data=data)
    return ticket


def answer_fields(*, actor: Actor, now: datetime, ticket: Ticket, answers: Mapping[str, Kept]) -> Ticket:
    """Answer some of its category's fields; `answers` by the field's key. Unchanged ones write nothing."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        known = {str(each.pk): each.name for each in fields_of(ticket.category)}
        changed = {key: said for key, said in answers.items() if key in known and ticket.answers.get(key) != said}
        if not changed:
            return ticket
        ticket.answers = ticket.answers | changed
        write(ticket, now, "answers")
        data = {"names": ", ".join(known[key] for key in changed)}
        record(actor=actor, verb="ticket.fields_answered", subject=ticket, now=now, data=data)
    return ticket


def put_label(*, actor: Actor, now: datetime, ticket: Ticket, label: Label) -> Ticket:
    """Put a label on a ticket. Nothing happens when it is there."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        _row, is_new = TicketLabel.objects.get_or_create(ticket=ticket, label=label, defaults={"client": ticket.client})
        if is_new:
            _relabelled(actor, now, ticket, label, "ticket.labelled")
    return ticket


def take_label(*, actor: Actor, now: datetime, ticket: Ticket, label: Label) -> Ticket:
    """Take a label off. Nothing happens when it is not there."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        number, _rows = TicketLabel.objects.filter(ticket=ticket, label=label).delete()
        if number:
            _relabelled(actor, now, ticket, label, "ticket.unlabelled")
    return ticket


def check_can_be_solved(actor: Actor, ticket: Ticket) -> None:
    """Raises Refused while a field is empty that must be answered first. A client who says that it works is not asked."""
    if actor.kind not in OF_STAFF or ticket.category is None:
        return
    if empty := missing(fields_of(ticket.category), ticket.answers, Needed.SOLVE):
        raise Refused(_("Before it is solved, answer: %(names)s.") % {"names": ", ".join(empty)})


def _relabelled(actor: Actor, now: datetime, ticket: Ticket, label: Label, verb: str) -> None:
    write(ticket, now)
    record(actor=actor, verb=verb, subject=ticket, now=now, data={"label": label.name})
