"""Task lists, templates and recurring tickets."""

from __future__ import annotations

from clients.models import ArchivableQuerySet
from tickets.models import RecurringTicket, Task, Ticket, TicketTemplate
from tickets.rules.recurrence import Recurrence


def tasks_of(ticket: Ticket) -> list[Task]:
    """In their order. One query."""
    return list(Task.objects.filter(ticket=ticket).select_related("owner").order_by("position", "id"))


def open_tasks(ticket: Ticket) -> list[str]:
    """What is not done yet. One query."""
    rows = Task.objects.filter(ticket=ticket, done_at=None).order_by("position", "id")
    return list(rows.values_list("title", flat=True))


def templates() -> ArchivableQuerySet[TicketTemplate]:
    found: ArchivableQuerySet[TicketTemplate] = TicketTemplate.objects.living().select_related("category")
    return found.order_by("name")


def recurrence_of(row: RecurringTicket) -> Recurrence:
    return Recurrence(row.rule, row.starts_on, row.opens_at, row.ends_on, row.zone)
