"""Quotes, and the sizes of what they offer, as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from billing.models import EvidenceSheet
from billing.queries.quote_lists import QuoteRow
from billing.rules import money
from msp.files.documents import Cell


def quote_heads() -> list[str]:
    """The heads of `quote_cells`."""
    heads = (_("Number"), _("Client"), _("Title"), _("State"), _("Revision"), _("Sent"), _("Seen"), _("Stands until"))
    return [*heads, _("Answered"), _("Currency"), _("Once, net"), _("Every month, net"), _("Every year, net")]


def quote_cells(rows: Iterable[QuoteRow]) -> Iterator[list[Cell]]:
    """A row a quote, amounts with the decimals of their currency. Their clients must be loaded."""
    for row in rows:
        quote = row.quote
        state = _("Expired") if row.is_expired else quote.get_state_display()
        about = (quote.number, quote.client.name, quote.title, state, quote.revision)
        times = (quote.sent_at, row.seen_at, quote.valid_until, quote.answered_at, quote.currency)
        amounts = (quote.net, quote.monthly, quote.yearly)
        yield [*about, *times, *(money.quantise(amount, quote.currency) for amount in amounts)]


def size_heads() -> list[str]:
    """The heads of `size_cells`."""
    heads = (
        _("Quote"),
        _("Client"),
        _("Line"),
        _("State"),
        _("People"),
        _("Devices"),
        _("Growth in %"),
        _("Needed for"),
    )
    return [*heads, _("Enough for"), _("Spare in %"), _("Currency"), _("Amount"), _("Smaller"), _("Why not smaller")]


def size_cells(sheets: Iterable[EvidenceSheet]) -> Iterator[list[Cell]]:
    """A row a sheet. Their lines, revisions, quotes and clients must be loaded."""
    for sheet in sheets:
        line, size = sheet.line, sheet.size
        quote = line.revision.quote
        about = (line.revision.name, quote.client.name, line.description, quote.get_state_display())
        need = (sheet.people, sheet.devices, sheet.growth_percent, size.needed, size.serves, size.spare_percent)
        amount = money.quantise(line.amount, quote.currency)
        yield [*about, *need, quote.currency, amount, sheet.smaller, sheet.why_not_smaller]
