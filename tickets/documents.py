"""Tickets and service levels as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from msp.files.documents import Cell

from .choices import FieldKind
from .models import CustomField, Ticket
from .queries.levels import SHARES, Group
from .rules.kinds import Kept


def ticket_heads(fields: Iterable[CustomField]) -> list[str]:
    """The heads of `ticket_rows`. A field is named with its category: two may ask the same."""
    heads = (_("Number"), _("Subject"), _("Client"), _("Status"), _("Priority"), _("Assigned to"), _("Opened"))
    asked = [f"{field.category.name}: {field.name}" for field in fields]
    return [*heads, _("First reply"), _("Solved"), _("Minutes"), *asked]


def ticket_rows(
    tickets: Iterable[Ticket], minutes: Mapping[UUID, int], fields: Sequence[CustomField]
) -> Iterator[list[Cell]]:
    """A row a ticket: public facts, names, and the answers to `fields`. `minutes` logged, by ticket."""
    for ticket in tickets:
        names = (ticket.subject, ticket.client.name, ticket.get_status_display(), ticket.get_priority_display())
        moments = (ticket.created_at, ticket.first_replied_at, ticket.solved_at)
        assignee = ticket.assignee.name if ticket.assignee else ""
        answers = [_answer(ticket.answers.get(str(field.pk)), field) for field in fields]
        yield [ticket.number, *names, assignee, *moments, minutes.get(ticket.pk, 0), *answers]


def _answer(kept: Kept | None, field: CustomField) -> Cell:
    if isinstance(kept, bool):
        return _("Yes") if kept else _("No")
    return Decimal(kept) if kept and field.kind == FieldKind.NUMBER else kept


def level_heads(heading: str) -> list[str]:
    """The heads of `level_rows`, whose groups are what `heading` says."""
    shares = [_("Minutes, %(share)s %%") % {"share": share} for share in SHARES]
    return [heading, _("Deadline"), _("Number"), _("In time"), _("In time, %"), *shares]


def level_rows(groups: Iterable[Group]) -> Iterator[list[Cell]]:
    """How well service levels were met, a row for each kind of deadline of each group; lengths in service minutes."""
    for group in groups:
        for level in group.levels:
            yield [group.name, str(level.kind.label), level.number, level.in_time, level.percent, *level.minutes]
