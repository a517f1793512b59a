"""What was given back of an invoice already."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from billing.choices import DocumentKind, Status
from billing.models import Invoice, InvoiceLine
from billing.rules.money import ZERO


def given_back(invoice: Invoice) -> dict[UUID, Decimal]:
    """Line id → what issued credit notes gave back of its amount."""
    rows = InvoiceLine.objects.filter(
        credits__invoice=invoice, invoice__kind=DocumentKind.CREDIT_NOTE, invoice__status=Status.ISSUED
    )
    return dict(rows.values_list("credits_id").annotate(given=Sum("amount")).order_by())


def left_of(invoice: Invoice) -> list[tuple[InvoiceLine, Decimal]]:
    """The lines that are not given back in full, each with what is left of it."""
    given = given_back(invoice)
    rows = InvoiceLine.objects.filter(invoice=invoice).order_by("position")
    left = [(line, line.amount - given.get(line.pk, ZERO)) for line in rows]
    return [(line, rest) for line, rest in left if rest]


def open_deposits(invoice: Invoice) -> list[Invoice]:
    """The client's issued deposits that no final invoice takes off, for a draft that could."""
    if not invoice.is_draft or invoice.kind not in (DocumentKind.INVOICE, DocumentKind.FINAL):
        return []
    rows = Invoice.objects.issued().filter(
        client=invoice.client_id, kind=DocumentKind.DEPOSIT, currency=invoice.currency, used_by=None
    )
    return list(rows.order_by("issued_at", "id"))


def corrections_of(invoice: Invoice) -> list[Invoice]:
    """Its credit and debit notes that were not discarded, oldest first."""
    rows = Invoice.objects.filter(corrects=invoice).exclude(status=Status.DISCARDED)
    return list(rows.order_by("created_at", "id"))
