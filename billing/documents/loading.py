"""Gathering a document, in one transaction, before a worker renders it outside of any."""

from __future__ import annotations

from billing.models import DepositUse, Invoice
from billing.queries.clock import promised_for
from billing.queries.detail import lines_of
from billing.queries.tax import printed_totals
from billing.queries.terms import shop

from .content import InvoiceDocument, Previous


def document_of(invoice: Invoice) -> InvoiceDocument:
    """The document as it would be printed now. An issued one has all its words on its own row; the looks are the shop's."""
    here = shop()
    return InvoiceDocument(
        invoice=invoice,
        lines=lines_of(invoice),
        totals=printed_totals(invoice),
        hue=here.identity.hue,
        logo=bytes(here.identity.logo) if here.identity.logo else None,
        previous=_previous(invoice),
        paper=here.billing.paper,
        columns=frozenset(here.billing.pdf_columns),
        zone=here.identity.zone,
        promised_at=promised_for(invoice) if invoice.is_issued else None,
    )


def _previous(invoice: Invoice) -> list[Previous]:
    uses = DepositUse.objects.filter(invoice=invoice).select_related("deposit").order_by("deposit__issued_at")
    followed = [use.deposit for use in uses]
    if invoice.corrects is not None:
        followed.insert(0, invoice.corrects)
    return [Previous(one.number, one.issued_on) for one in followed if one.number and one.issued_on]
