"""What somebody had in hand who does not work here any more. By a worker: ending a membership waits for no ticket."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from msp.accounts.models import Membership
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.jobs.actions import add_job
from msp.jobs.choices import DueState
from msp.jobs.models import Job
from msp.jobs.rules import Again, Ended, GiveUp, Outcome, Plain
from tickets.choices import OPEN
from tickets.models import Ticket, Timer
from tickets.rules import Refused

from . import clocks
from .rows import hold, write
from .timers import stop_timer

BATCH = 50  # tickets a transaction
MACHINE = system_actor("Mainstay")


def ask_to_take_over(*, actor: Actor, now: datetime, member: Membership) -> None:
    """Let a worker put the member's open tickets back to Unassigned and stop their clock."""
    add_job(actor=actor, kind="tickets.take_over", payload={"member": str(member.pk)}, now=now)


def return_ticket(*, actor: Actor, now: datetime, ticket: Ticket, leaver: Membership) -> Ticket:
    """Put a ticket back to Unassigned, unless somebody else has it by now or it is solved."""
    with transaction.atomic():
        ticket = hold(ticket)
        if ticket.assignee_id == leaver.pk and ticket.status in OPEN:
            ticket.assignee = None
            write(ticket, now, "assignee")
            record(actor=actor, verb="ticket.returned", subject=ticket, now=now, data={"name": leaver.name})
            clocks.on_assignee(ticket=ticket)
    return ticket


class TakeOver(Plain[Job]):
    """A batch of the leaver's tickets; when none is left, their clock, whose time is logged."""

    def act(self, row: Job, now: datetime) -> Outcome:
        leaver = Membership.objects.get(pk=row.payload["member"])
        if leaver.ended_at is None:
            return Ended(DueState.DONE)
        batch = list(Ticket.objects.filter(assignee=leaver, status__in=OPEN).order_by("queue_at", "number")[:BATCH])
        for ticket in batch:
            return_ticket(actor=MACHINE, now=now, ticket=ticket, leaver=leaver)
        if batch:
            row.done += len(batch)
            row.save(update_fields=["done"])
            return Again(now)
        timer = Timer.objects.filter(member=leaver).first()
        if timer is not None:
            _stop(timer, leaver, now)
        return Ended(DueState.DONE)


def _stop(timer: Timer, leaver: Membership, now: datetime) -> None:
    """It counts until they left, not until a worker came. Raises GiveUp when the time cannot be logged: a person decides."""
    left = min(now, leaver.ended_at or now)
    try:
        stop_timer(actor=MACHINE, now=left, member=leaver, minutes=timer.minutes(left), note="")
    except Refused as refused:
        raise GiveUp(str(refused)) from refused
