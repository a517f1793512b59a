"""Telling the apps above that finished work is another now, and keeping its copy on the time."""

from __future__ import annotations

from datetime import datetime

from msp.accounts.rules import Actor
from tickets.models import Ticket, TimeEntry
from tickets.signals import work_changed


def finish_time(*, actor: Actor, now: datetime, ticket: Ticket) -> None:
    """The time on a ticket, and on what was merged into it, is finished when the ticket is; in the caller's transaction."""
    merged = Ticket.objects.filter(merged_into=ticket).values_list("pk", flat=True)
    # By their keys: "this one or merged into it" in one question reads the time of the whole shop.
    TimeEntry.objects.filter(ticket__in=[ticket.pk, *merged]).update(finished_at=ticket.solved_at)
    work_changed.send(sender=Ticket, ticket=ticket, actor=actor, now=now)


def time_changed(*, actor: Actor, now: datetime, ticket: Ticket, entry: TimeEntry) -> None:
    """Time of a ticket was written, corrected or removed; while it is open nobody waits for it."""
    if entry.finished_at is not None:
        work_changed.send(sender=Ticket, ticket=ticket, actor=actor, now=now)
