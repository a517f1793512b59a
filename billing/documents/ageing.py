"""The ageing report as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.queries.ageing import Ageing
from billing.rules import money
from billing.rules.ageing import STEPS, Aged
from msp.files.documents import Cell


def ageing_heads() -> list[str]:
    """The heads of `ageing_rows`."""
    low = (1, *(step + 1 for step in STEPS))
    late = [_("%(low)d to %(high)d days") % {"low": a, "high": b} for a, b in zip(low, STEPS, strict=False)]
    late.append(_("more than %d days") % STEPS[-1])
    more = (_("Credit notes"), _("Receivables"), _("On account"), _("Balance"))
    return [_("Client"), _("Currency"), _("Not due"), *late, *more]


def ageing_rows(found: Ageing) -> Iterator[list[Cell]]:
    """A row a client and currency, then the sums."""
    for row in found.rows:
        yield [row.client.name, row.currency, *_amounts(row.aged, row.currency)]
    for sheet in found.totals:
        yield [_("Total"), sheet.currency, *_amounts(sheet, sheet.currency)]


def _amounts(aged: Aged, currency: str) -> list[Decimal]:
    columns = (aged.not_due, *aged.late, aged.credit_notes, aged.receivables, aged.on_account, aged.balance)
    return [money.quantise(amount, currency) for amount in columns]
