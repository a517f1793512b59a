"""What the draft actions share: taking a draft under lock, and adding it up again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from billing.choices import Status
from billing.models import Invoice, InvoiceLine
from billing.rules import money
from billing.rules.parties import Parties
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor


def locked(invoice: Invoice) -> Invoice:
    """The invoice as it is now, held until the transaction ends."""
    return Invoice.objects.select_for_update(of=("self",)).select_related("client").get(pk=invoice.pk)


def locked_draft(invoice: Invoice) -> Invoice:
    """A draft to change. Raises Refused once it was approved, issued or discarded."""
    row = locked(invoice)
    if row.status != Status.DRAFT:
        raise Refused(_("It is no draft any more. Reload the page to see where it stands."))
    return row


def add_up(invoice: Invoice) -> Invoice:
    """Work out the totals from the lines and save them."""
    rows = InvoiceLine.objects.filter(invoice=invoice).values_list("amount", "tax_rate")
    sums = money.totals(rows, invoice.currency)
    invoice.net, invoice.tax, invoice.total = sums.net, sums.tax, sums.total
    invoice.save(update_fields=["net", "tax", "total"])
    return invoice


def next_position(invoice: Invoice) -> int:
    last = InvoiceLine.objects.filter(invoice=invoice).aggregate(last=models.Max("position"))["last"]
    return (last or 0) + 1


def copy_parties(invoice: Invoice, parties: Parties) -> list[str]:
    """Write the parties onto the unsaved invoice; returns the columns to save."""
    columns = asdict(parties)
    for name, value in columns.items():
        setattr(invoice, name, value)
    return list(columns)


def with_change(line: InvoiceLine, actor: Actor, now: datetime, reason: str) -> dict[str, Any]:
    """The line's source with one more entry of what a person changed."""
    change = {
        "by": actor.name,
        "at": now.isoformat(),
        "quantity": str(line.quantity),
        "unit_price": str(line.unit_price),
        "tax_rate": str(line.tax_rate),
        "reason": reason.strip(),
    }
    return {**line.source, "changes": [*line.source.get("changes", []), change]}
