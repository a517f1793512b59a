"""Clients' months as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from billing.queries.profit import ClientMonth
from billing.rules import money
from clients.models import Client
from msp.accounts.queries import settings_of_shop
from msp.files.documents import Cell


def month_heads() -> list[str]:
    """The heads of `month_cells`."""
    heads = (_("Client"), _("Month"), _("Minutes"), _("Billable minutes"), _("Minutes without a cost"), _("Issues"))
    return [*heads, _("Currency"), _("Revenue, net"), _("Work, loaded"), _("Parts"), _("Written off"), _("Profit")]


def month_cells(months: Iterable[ClientMonth]) -> Iterator[list[Cell]]:
    """A row a client and month, amounts with the decimals of the shop's currency."""
    months, currency = list(months), settings_of_shop().currency
    names = dict(Client.objects.filter(pk__in={m.client_id for m in months}).values_list("pk", "name"))
    for m in months:
        about = (names[m.client_id], m.month, m.minutes, m.billable, m.uncosted, m.issues, currency)
        amounts = (m.margin.revenue, m.margin.labour, m.margin.parts, m.margin.written_off, m.margin.profit)
        yield [*about, *(money.quantise(amount, currency) for amount in amounts)]
