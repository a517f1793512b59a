"""The reports of profit as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from billing.queries.forecast import Forecast
from billing.queries.profit import ClientMonth
from billing.queries.utilisation import Utilised
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


def forecast_heads() -> list[str]:
    """The heads of `forecast_cells`."""
    about = (_("Client"), _("Agreement"), _("Kind"), _("From"), _("Until"), _("Done in %"))
    minutes = (_("Planned minutes"), _("Minutes so far"), _("Minutes expected"))
    return [
        *about,
        *minutes,
        _("Currency"),
        _("Fee"),
        _("Planned cost"),
        _("Cost so far"),
        _("Cost expected"),
        _("Profit"),
    ]


def forecast_cells(rows: Iterable[Forecast]) -> Iterator[list[Cell]]:
    """A row an agreement; empty where nothing is planned or no cost is known."""
    for row in rows:
        own, look = row.agreement, row.outlook
        about = (own.client.name, own.name, own.get_kind_display(), row.term.start, row.term.end, look.percent_done)
        profit = look.margin.profit if look.margin else None
        amounts = (look.fee, look.planned_cost, look.cost, look.expected_cost, profit)
        shown = ("" if each is None else money.quantise(each, own.currency) for each in amounts)
        minutes = ("" if each is None else each for each in (look.planned, look.actual, look.expected))
        yield [*about, *minutes, own.currency, *shown]


def utilisation_heads() -> list[str]:
    """The heads of `utilisation_cells`."""
    days = (_("Person"), _("Working days"), _("Days of leave"), _("Available minutes"))
    return [
        *days,
        _("Billable minutes"),
        _("Other minutes"),
        _("Nothing logged, minutes"),
        _("Billable of available in %"),
    ]


def utilisation_cells(rows: Iterable[Utilised]) -> Iterator[list[Cell]]:
    """A row a person; empty in a shop without service hours."""
    for row in rows:
        found = (row.days, row.away, row.available, row.billable, row.other, row.unaccounted, row.share)
        yield [row.of.name if row.of else "", *("" if each is None else each for each in found)]
