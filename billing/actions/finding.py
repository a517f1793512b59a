"""Keeping invoices in the search."""

from __future__ import annotations

from billing.choices import FOUND_INVOICE
from billing.models import Invoice
from msp.search.actions import index


def index_invoice(invoice: Invoice) -> None:
    """Make an issued invoice findable by its number and its client, in the caller's transaction."""
    assert invoice.number is not None
    assert invoice.issued_at is not None
    index(
        kind=FOUND_INVOICE,
        subject_id=invoice.pk,
        client_id=invoice.client_id,
        label=invoice.number,
        hint=invoice.buyer_name,
        url=invoice.get_absolute_url(),
        at=invoice.issued_at,
        codes=[invoice.number, str(invoice.sequence)],
        names=[invoice.buyer_name],
        texts=[invoice.po_number],
    )
