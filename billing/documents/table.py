"""Invoices as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from billing.models import Receivable
from billing.rules import money
from msp.files.documents import Cell


def invoice_heads() -> list[str]:
    """The heads of `invoice_rows`."""
    heads = (_("Number"), _("Client"), _("Issued"), _("Due"), _("Currency"), _("Net"), _("Tax"), _("Total"))
    return [*heads, _("Paid"), _("Owed"), _("Kind")]


def invoice_rows(rows: Iterable[Receivable]) -> Iterator[list[Cell]]:
    """A row an invoice, amounts with the decimals of their currency and below zero on credit notes. The rows' invoices must be loaded."""
    for row in rows:
        invoice, sign = row.invoice, row.invoice.sign
        amounts = (sign * invoice.net, sign * invoice.tax, sign * invoice.total, row.paid, row.owed)
        about = (invoice.number, invoice.buyer_name, invoice.issued_on, row.due_on, row.currency)
        yield [*about, *(money.quantise(amount, row.currency) for amount in amounts), invoice.get_kind_display()]
