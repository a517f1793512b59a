"""What the draft actions share: taking a draft under lock, and adding it up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext as _

from billing.choices import DocumentKind, Status
from billing.models import DepositUse, Invoice, InvoiceLine, InvoiceTax, LineTime
from billing.queries.tax import assessed, tax_rows
from billing.queries.terms import shop
from billing.rules.parties import Parties
from billing.rules.refusals import Refused
from billing.rules.tax import cash_rounding
from billing.rules.terms import Terms
from msp.accounts.rules import Actor
from tickets.models import TimeEntry
from tickets.queries.leaks import leaks_of


def locked(invoice: Invoice) -> Invoice:
    """The invoice as it is now, held until the transaction ends."""
    return Invoice.objects.select_for_update(of=("self",)).select_related("client").get(pk=invoice.pk)


def locked_draft(invoice: Invoice) -> Invoice:
    """A draft to change; the first of two approvals holds no longer. Raises Refused once it was approved, issued or discarded."""
    row = standing_draft(invoice)
    if row.checked_at is not None:
        forget_first(row)
        row.save(update_fields=FIRST)
    return row


def standing_draft(invoice: Invoice) -> Invoice:
    """A draft, held, that stays as it is. Raises Refused as `locked_draft` does."""
    row = locked(invoice)
    if row.status != Status.DRAFT:
        raise Refused(_("It is no draft any more. Reload the page to see where it stands."))
    return row


def locked_draft_of_lines(invoice: Invoice) -> Invoice:
    """A draft whose lines may be changed. Raises Refused for a credit note: its lines are those of the invoice."""
    row = locked_draft(invoice)
    if row.is_credit:
        raise Refused(_("A credit note gives back lines of its invoice. Discard it and choose them anew."))
    return row


FIRST = ["checked_at", "checked_by", "checked_by_id", "approval_reason"]  # columns of the first of two approvals


def forget_first(invoice: Invoice) -> None:
    """Take the first approval away, unsaved."""
    invoice.checked_at, invoice.checked_by, invoice.checked_by_id = None, "", ""
    invoice.approval_reason = ""


def add_up(invoice: Invoice) -> Invoice:
    """Work out the totals, the taxes and each line's net from the lines, and save them."""
    lines = list(InvoiceLine.objects.filter(invoice=invoice).order_by("position"))
    sums = assessed(invoice, lines)
    moved = [line for line in lines if line.net != sums.nets[line.pk]]
    for line in moved:
        line.net = sums.nets[line.pk]
    InvoiceLine.objects.bulk_update(moved, ["net"])
    InvoiceTax.objects.filter(invoice=invoice).delete()
    InvoiceTax.objects.bulk_create(tax_rows(invoice, sums))
    invoice.net, invoice.tax, invoice.total = sums.net, sums.tax, sums.total
    invoice.cash_rounding = cash_rounding(sums.total, invoice.cash_step)
    invoice.save(update_fields=["net", "tax", "total", "cash_rounding"])
    watch_words(invoice, lines)
    return invoice


def watch_words(invoice: Invoice, lines: Sequence[InvoiceLine] | None = None) -> None:
    """Keep with each line by which of its words another client is recognised: to look for all names on every page would take too long."""
    lines = list(InvoiceLine.objects.filter(invoice=invoice)) if lines is None else lines
    leaks = leaks_of([(invoice.client, f"{line.description}\n{line.detail}") for line in lines])
    moved = []
    for line, found in zip(lines, leaks, strict=True):
        words = list(dict.fromkeys(leak.text for leak in found))
        if words != line.source.get("names_others", []):
            line.source = line.source | {"names_others": words}
            moved.append(line)
    InvoiceLine.objects.bulk_update(moved, ["source"])


def next_position(invoice: Invoice) -> int:
    last = InvoiceLine.objects.filter(invoice=invoice).aggregate(last=models.Max("position"))["last"]
    return (last or 0) + 1


def copy_parties(invoice: Invoice, parties: Parties) -> list[str]:
    """Write the parties onto the unsaved invoice; returns the columns to save."""
    columns = asdict(parties)
    for name, value in columns.items():
        setattr(invoice, name, value)
    if invoice.kind == DocumentKind.PROFORMA:
        invoice.e_invoice = ""  # no invoice at all, so no e-invoice either
    return list(columns)


def copy_tax(invoice: Invoice, terms: Terms) -> list[str]:
    """Write how the client is taxed onto the unsaved invoice; returns the columns to save."""
    names = ("tax_name", "tax_treatment", "tax_reason", "second_tax_name", "second_tax_rate", "second_on_top")
    for name in names:
        setattr(invoice, name, getattr(terms, name))
    return list(names)


def copy_days(invoice: Invoice) -> list[str]:
    """Write the first and last day of the billed work onto the unsaved invoice, unless its period is said; returns the columns."""
    if invoice.delivered_from is None:
        zone = ZoneInfo(shop().identity.zone)
        # By keys: asked as one question Postgres reads the shop's time before its tables were analysed.
        lines = list(InvoiceLine.objects.filter(invoice=invoice).values_list("pk", flat=True))
        billed = list(LineTime.objects.filter(line__in=lines).values_list("time_entry", flat=True))
        started = TimeEntry.objects.filter(pk__in=billed).order_by()
        days = started.aggregate(first=models.Min("started_at"), last=models.Max("started_at"))
        if days["first"] is not None:
            invoice.delivered_from = days["first"].astimezone(zone).date()
            invoice.delivered_until = days["last"].astimezone(zone).date()
    return ["delivered_from", "delivered_until"]


def let_deposit_go(invoice: Invoice, deposit: str) -> None:
    """Take nothing of a deposit off any more: with one of its lines all go. Without any deposit it is a plain invoice again."""
    InvoiceLine.objects.filter(invoice=invoice, source__deposit=deposit).delete()
    DepositUse.objects.filter(invoice=invoice, deposit=UUID(deposit)).delete()
    if not DepositUse.objects.filter(invoice=invoice).exists():
        invoice.kind = DocumentKind.INVOICE
        invoice.save(update_fields=["kind"])


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
