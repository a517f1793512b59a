"""Agreements as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from billing.models import Agreement
from msp.files.documents import Cell


def agreement_heads() -> list[str]:
    """The heads of `agreement_table`."""
    heads = (_("Client"), _("Agreement"), _("Kind"), _("State"), _("Starts"), _("Term ends"), _("Ended"))
    return [*heads, _("Renewal"), _("Days of notice"), _("Charged"), _("Currency")]


def agreement_table(rows: Iterable[Agreement]) -> Iterator[list[Cell]]:
    """A row an agreement. Their clients must be loaded."""
    for row in rows:
        about = (row.client.name, row.name, row.get_kind_display(), row.get_state_display())
        days = (row.starts_on, row.ends_on, row.ended_on)
        rest = (row.get_renewal_display(), row.notice_days, row.get_period_display(), row.currency)
        yield [*about, *days, *rest]
