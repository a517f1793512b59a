"""Tickets that come again. Each is one due row: opening the ticket and setting the next time are one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Again, Ended, Outcome, Plain
from tickets.choices import Door
from tickets.models import RecurringTicket, Ticket
from tickets.queries.plans import recurrence_of
from tickets.rules import Refused

from .tasks import add_tasks_of
from .tickets import open_ticket

OPENER = system_actor("recurring tickets")
QUEUE = "recurring"
_A_MOMENT = timedelta(microseconds=1)


def save_recurring(*, actor: Actor, now: datetime, row: RecurringTicket, values: Mapping[str, Any]) -> RecurringTicket:
    """Plan a ticket anew or change the plan; the next one comes after now. Raises Refused when there is none to come."""
    is_new = row._state.adding
    for name, value in values.items():
        setattr(row, name, value)
    _arm(row, now)
    with transaction.atomic():
        row.save(force_insert=is_new)
        _record(actor, now, row, "recurring.added" if is_new else "recurring.changed")
        ring(QUEUE)
    return row


def skip_next(*, actor: Actor, now: datetime, row: RecurringTicket) -> RecurringTicket:
    """Leave the next one out. Raises Refused when it was the last."""
    with transaction.atomic():
        row = _hold(row)
        following = recurrence_of(row).after(row.due_at)
        if following is None:
            raise Refused(_("It would have been the last one. End the plan instead."))
        row.due_at = following
        row.save(update_fields=["due_at"])
        _record(actor, now, row, "recurring.skipped")
    return row


def pause_recurring(*, actor: Actor, now: datetime, row: RecurringTicket, until: date | None) -> RecurringTicket:
    """Open none before the day `until`, at the client's; None goes on at once. Raises Refused when none would come."""
    with transaction.atomic():
        row = _hold(row)
        row.paused_until = until
        _arm(row, now)
        row.save(update_fields=["paused_until", "due_at"])
        _record(actor, now, row, "recurring.paused" if until else "recurring.resumed")
    return row


def end_recurring(*, actor: Actor, now: datetime, row: RecurringTicket) -> RecurringTicket:
    """No more of them."""
    with transaction.atomic():
        row = _hold(row)
        row.state, row.finished_at = DueState.CANCELLED, now
        row.save(update_fields=["state", "finished_at"])
        _record(actor, now, row, "recurring.ended")
    return row


class OpenRecurring(Plain[RecurringTicket]):
    """Opens what is due: one ticket, for the latest time, however many were missed while nothing ran."""

    def act(self, row: RecurringTicket, now: datetime) -> Outcome:
        recurrence = recurrence_of(row)
        missed = recurrence.latest(row.due_at, now) or row.due_at
        if row.client.is_archived:
            return Ended(DueState.CANCELLED)
        ticket = _open(row, missed, now)
        row.last_opened_for, row.last_ticket = missed, ticket
        row.save(update_fields=["last_opened_for", "last_ticket"])
        following = recurrence.after(max(now, missed))
        return Again(following) if following else Ended(DueState.DONE)


def _open(row: RecurringTicket, moment: datetime, now: datetime) -> Ticket:
    plan = row.template
    ticket = open_ticket(
        actor=OPENER,
        now=now,
        client=row.client,
        subject=plan.subject,
        body=plan.body,
        contact=row.contact,
        site=row.site,
        asset=row.asset,
        priority=plan.priority,
        assignee=row.assignee if row.assignee and row.assignee.ended_at is None else None,
        category=plan.category,
        door=Door.PLAN,
    )
    today = moment.astimezone(row.zone).date()
    add_tasks_of(actor=OPENER, now=now, ticket=ticket, template=plan, today=today)
    return ticket


def _arm(row: RecurringTicket, now: datetime) -> None:
    """Set when the next one is due: after now, and not before a pause ends."""
    since = now
    if row.paused_until is not None:
        since = max(since, datetime.combine(row.paused_until, time.min, row.zone) - _A_MOMENT)  # midnight counts
    following = recurrence_of(row).after(since)
    if following is None:
        raise Refused(_("No day is left on which one would be opened. Choose a later last day."))
    row.due_at = following


def _hold(row: RecurringTicket) -> RecurringTicket:
    held = RecurringTicket.objects.select_for_update(of=("self",)).select_related("client", "template").get(pk=row.pk)
    if held.is_over:
        raise Refused(_("This plan has ended."))
    return held


def _record(actor: Actor, now: datetime, row: RecurringTicket, verb: str) -> None:
    data = {"template": row.template.name, "until": row.paused_until.isoformat() if row.paused_until else ""}
    record(actor=actor, verb=verb, subject=row, now=now, data=data)
