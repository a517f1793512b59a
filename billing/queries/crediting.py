"""What was given back of an invoice already."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from billing.choices import DocumentKind, Status
from billing.models import Invoice, InvoiceLine


def given_back(invoice: Invoice) -> dict[UUID, Decimal]:
    """Line id → what issued credit notes gave back of its amount."""
    rows = InvoiceLine.objects.filter(
        credits__invoice=invoice, invoice__kind=DocumentKind.CREDIT_NOTE, invoice__status=Status.ISSUED
    )
    return dict(rows.values_list("credits_id").annotate(given=Sum("amount")).order_by())


def corrections_of(invoice: Invoice) -> list[Invoice]:
    """Its credit and debit notes that were not discarded, oldest first."""
    rows = Invoice.objects.filter(corrects=invoice).exclude(status=Status.DISCARDED)
    return list(rows.order_by("created_at", "id"))
