"""Queries, reminders and gifts as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from billing.models import DunningLetter, LineQuery, LoyaltyGift
from billing.rules import money
from msp.files.documents import Cell


def query_heads() -> list[str]:
    """The heads of `query_table`."""
    return [
        _("Asked"),
        _("Client"),
        _("Invoice"),
        _("Line"),
        _("By"),
        _("State"),
        _("Turn"),
        _("Currency"),
        _("Amount"),
    ]


def query_table(rows: Iterable[LineQuery]) -> Iterator[list[Cell]]:
    """A row a query. Its client, invoice, line, contact and credit note must be loaded."""
    for row in rows:
        about = (row.asked_at, row.client.name, row.invoice.number, row.line.description, row.contact.name)
        stands = (str(row.get_state_display()), str(row.turn.label), row.currency)
        yield [*about, *stands, money.quantise(row.held, row.currency)]


def letter_heads() -> list[str]:
    """The heads of `letter_table`."""
    return [_("Sent"), _("Client"), _("Reminder"), _("Invoices"), _("To"), _("Currency"), _("Amount")]


def letter_table(rows: Iterable[DunningLetter]) -> Iterator[list[Cell]]:
    """A row a reminder. Its client, steps and their invoices must be loaded."""
    for row in rows:
        numbers = ", ".join(str(step.invoice) for step in row.steps.all())
        about = (row.sent_at, row.client.name, row.step_name, numbers, ", ".join(row.recipients), row.currency)
        yield [*about, money.quantise(row.total, row.currency)]


def gift_heads() -> list[str]:
    """The heads of `gift_table`."""
    return [_("Given"), _("Client"), _("Rule"), _("Occasion"), _("Invoice"), _("Words"), _("Currency"), _("Amount")]


def gift_table(rows: Iterable[LoyaltyGift]) -> Iterator[list[Cell]]:
    """A row a gift. Its client, rule, invoice and line must be loaded."""
    for row in rows:
        words = row.line.description if row.line else ""
        about = (row.given_on, row.client.name, row.rule.name, row.occasion, str(row.invoice), words, row.currency)
        yield [*about, money.quantise(row.amount, row.currency)]
