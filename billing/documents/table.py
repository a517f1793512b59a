"""Invoices as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext as _

from billing.models import Receivable
from billing.rules import money

# A spreadsheet runs what begins like this; a client named "=HYPERLINK(…)" must stay a name.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def invoices_csv(rows: Iterable[Receivable]) -> str:
    """Comma-separated, amounts with a point, dates as 2026-11-23. The rows' invoices and clients must be loaded."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(
        [
            _("Number"),
            _("Client"),
            _("Issued"),
            _("Due"),
            _("Currency"),
            _("Net"),
            _("Tax"),
            _("Total"),
            _("Paid"),
            _("Owed"),
        ]
    )
    for row in rows:
        invoice = row.invoice
        amounts = (invoice.net, invoice.tax, invoice.total, row.paid, row.owed)
        table.writerow(
            [plain(invoice.number or ""), plain(invoice.buyer_name), invoice.issued_on, row.due_on, row.currency]
            + [str(money.quantise(amount, row.currency)) for amount in amounts]
        )
    return out.getvalue()
