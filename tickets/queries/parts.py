"""What a ticket has, asked at once. Most tickets have little of it, and asking for each by itself costs the page more than all it shows."""

from __future__ import annotations

from enum import Enum, auto

from django.db import connection, models

from msp.tenancy.context import current_scope
from tickets.models import Attachment, ChildTicket, LinkedAsset, Task, Ticket, Watcher


class Part(Enum):
    MERGED = auto()  # tickets that were merged into it
    FILES = auto()
    TASKS = auto()
    PARENT = auto()
    CHILDREN = auto()
    REWORKS = auto()
    WATCHERS = auto()
    ASSETS = auto()  # linked ones, besides its own


_KEPT: dict[Part, tuple[type[models.Model], str]] = {
    Part.MERGED: (Ticket, "merged_into"),
    Part.FILES: (Attachment, "ticket"),
    Part.TASKS: (Task, "ticket"),
    Part.PARENT: (ChildTicket, "child"),
    Part.CHILDREN: (ChildTicket, "parent"),
    Part.REWORKS: (Ticket, "rework_of"),
    Part.WATCHERS: (Watcher, "ticket"),
    Part.ASSETS: (LinkedAsset, "ticket"),
}
_ASK = "select " + ", ".join(  # noqa: S608  the names are our models'
    f"exists(select from {model._meta.db_table} where tenant_id = %(shop)s and {name}_id = %(ticket)s)"
    for model, name in _KEPT.values()
)


def parts_of(ticket: Ticket) -> frozenset[Part]:
    """What there is for a ticket in the asking person's shop. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK, {"shop": current_scope().tenant_id, "ticket": ticket.pk})
        return frozenset(part for part, is_there in zip(_KEPT, cursor.fetchone(), strict=True) if is_there)
