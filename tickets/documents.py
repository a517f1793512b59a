"""Tickets as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Ticket
from .queries.levels import SHARES, Group

# A spreadsheet runs what begins like this; a ticket called "=HYPERLINK(…)" must stay a name.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def tickets_csv(tickets: Iterable[Ticket], minutes: Mapping[UUID, int]) -> str:
    """Comma-separated; times in the page's zone as 2026-11-23 14:05, minutes as whole numbers. Public facts and names only."""
    out = io.StringIO()
    table = csv.writer(out)
    heads = (_("Number"), _("Subject"), _("Client"), _("Status"), _("Priority"), _("Assigned to"), _("Opened"))
    table.writerow([*heads, _("First reply"), _("Solved"), _("Minutes")])
    for ticket in tickets:
        names = (ticket.subject, ticket.client.name, ticket.get_status_display(), ticket.get_priority_display())
        moments = (ticket.created_at, ticket.first_replied_at, ticket.solved_at)
        table.writerow(
            [ticket.number, *map(plain, names), plain(ticket.assignee.name if ticket.assignee else "")]
            + [f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "" for moment in moments]
            + [minutes.get(ticket.pk, 0)]
        )
    return out.getvalue()


def levels_csv(groups: Iterable[Group], heading: str) -> str:
    """How well service levels were met, a line for each kind of deadline of each group; lengths in service minutes."""
    out = io.StringIO()
    table = csv.writer(out)
    shares = [_("Minutes, %(share)s %%") % {"share": share} for share in SHARES]
    table.writerow([heading, _("Deadline"), _("Number"), _("In time"), _("In time, %"), *shares])
    for group in groups:
        for level in group.levels:
            figures = ["" if minutes is None else minutes for minutes in level.minutes]
            row = [plain(group.name), level.kind.label, level.number, level.in_time, level.percent]
            table.writerow([*row, *figures])
    return out.getvalue()
