"""What has to be done about a ticket, step by step."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from msp.accounts.choices import OF_STAFF
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.models import Task, Ticket, TicketTemplate
from tickets.queries.plans import open_tasks
from tickets.rules import Refused
from tickets.rules.tasks import MOST_TASKS, planned

from .rows import hold_standing, write


class OpenTasks(Refused):
    """A ticket would be solved although tasks are open; the message says which. Whoever means it says so."""


def add_task(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    title: str,
    owner: Membership | None = None,
    due_on: date | None = None,
) -> Task:
    """Add a task at the end. Raises Refused when the list is full."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        last: int = Task.objects.filter(ticket=ticket).aggregate(last=Max("position"))["last"] or 0
        if Task.objects.filter(ticket=ticket).count() >= MOST_TASKS:
            raise Refused(_("A ticket has %(most)s tasks at most.") % {"most": MOST_TASKS})
        task = Task.objects.create(
            ticket=ticket, client_id=ticket.client_id, title=title, owner=owner, due_on=due_on, position=last + 1
        )
        write(ticket, now)
        _record(actor, now, task, "task.added")
    return task


def add_tasks_of(*, actor: Actor, now: datetime, ticket: Ticket, template: TicketTemplate, today: date) -> None:
    """Add a template's tasks, due from `today`, which is the day it is at the client's. What does not fit is left out."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        room = MOST_TASKS - Task.objects.filter(ticket=ticket).count()
        last: int = Task.objects.filter(ticket=ticket).aggregate(last=Max("position"))["last"] or 0
        rows = [
            Task(
                ticket=ticket, client_id=ticket.client_id, title=each.title, due_on=each.due_on, position=last + number
            )
            for number, each in enumerate(planned(template.tasks, today)[:room], 1)
        ]
        Task.objects.bulk_create(rows)
        if rows:
            write(ticket, now)
            data = {"template": template.name, "number": len(rows)}
            record(actor=actor, verb="task.list_added", subject=ticket, now=now, data=data)


def tick_task(*, actor: Actor, now: datetime, task: Task, done: bool) -> Task:
    """Say that it is done, or that it is not. Nothing happens when it is so already."""
    with transaction.atomic():
        task = _hold(task)
        if (task.done_at is not None) == done:
            return task
        task.done_at, task.done_by = (now, actor.name) if done else (None, "")
        task.save(update_fields=["done_at", "done_by"])
        write(task.ticket, now)
        _record(actor, now, task, "task.done" if done else "task.reopened")
    return task


def change_task(
    *, actor: Actor, now: datetime, task: Task, title: str, owner: Membership | None, due_on: date | None
) -> Task:
    """Say anew what it is, who does it and by when."""
    with transaction.atomic():
        task = _hold(task)
        task.title, task.owner, task.due_on = title, owner, due_on
        task.save(update_fields=["title", "owner", "due_on"])
        write(task.ticket, now)
        _record(actor, now, task, "task.changed")
    return task


def raise_task(*, actor: Actor, now: datetime, task: Task) -> None:
    """Move it before the one above it. Order is no news: nothing is written to the activity log."""
    with transaction.atomic():
        task = _hold(task)
        above = Task.objects.filter(ticket=task.ticket, position__lt=task.position).order_by("-position").first()
        if above is not None:
            above.position, task.position = task.position, above.position
            for row in (above, task):
                row.save(update_fields=["position"])
            write(task.ticket, now)


def drop_task(*, actor: Actor, now: datetime, task: Task) -> None:
    """Take it off the list; the activity log keeps what it said."""
    with transaction.atomic():
        task = _hold(task)
        _record(actor, now, task, "task.dropped")
        write(task.ticket, now)
        task.delete()


def check_tasks_are_done(actor: Actor, ticket: Ticket) -> None:
    """Raises OpenTasks for a person who solves while something is open. A client who says that it works is not asked."""
    if actor.kind not in OF_STAFF:
        return
    if titles := open_tasks(ticket):
        words = {"number": len(titles), "titles": ", ".join(titles[:5])}
        told = ngettext(
            "A task is still open: %(titles)s.", "%(number)s tasks are still open: %(titles)s.", len(titles)
        )
        raise OpenTasks(told % words)


def _hold(task: Task) -> Task:
    """The task with its ticket locked: two who reorder wait for each other."""
    ticket = hold_standing(task.ticket)
    held = Task.objects.filter(pk=task.pk).first()
    if held is None:
        raise Refused(_("This task is gone already."))
    held.ticket = ticket
    return held


def _record(actor: Actor, now: datetime, task: Task, verb: str) -> None:
    record(actor=actor, verb=verb, subject=task.ticket, now=now, data={"title": task.title})
