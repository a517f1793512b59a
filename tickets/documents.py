"""Tickets and service levels as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from msp.files.documents import Cell

from .models import Ticket
from .queries.levels import SHARES, Group


def ticket_heads() -> list[str]:
    """The heads of `ticket_rows`."""
    heads = (_("Number"), _("Subject"), _("Client"), _("Status"), _("Priority"), _("Assigned to"), _("Opened"))
    return [*heads, _("First reply"), _("Solved"), _("Minutes")]


def ticket_rows(tickets: Iterable[Ticket], minutes: Mapping[UUID, int]) -> Iterator[list[Cell]]:
    """A row a ticket: public facts and names only. `minutes` logged, by ticket."""
    for ticket in tickets:
        names = (ticket.subject, ticket.client.name, ticket.get_status_display(), ticket.get_priority_display())
        moments = (ticket.created_at, ticket.first_replied_at, ticket.solved_at)
        assignee = ticket.assignee.name if ticket.assignee else ""
        yield [ticket.number, *names, assignee, *moments, minutes.get(ticket.pk, 0)]


def level_heads(heading: str) -> list[str]:
    """The heads of `level_rows`, whose groups are what `heading` says."""
    shares = [_("Minutes, %(share)s %%") % {"share": share} for share in SHARES]
    return [heading, _("Deadline"), _("Number"), _("In time"), _("In time, %"), *shares]


def level_rows(groups: Iterable[Group]) -> Iterator[list[Cell]]:
    """How well service levels were met, a row for each kind of deadline of each group; lengths in service minutes."""
    for group in groups:
        for level in group.levels:
            yield [group.name, str(level.kind.label), level.number, level.in_time, level.percent, *level.minutes]
