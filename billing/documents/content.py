"""Everything that stands on a document, loaded: rendering asks the database nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.choices import Column, EInvoice, Paper
from billing.models import Invoice, InvoiceLine
from billing.queries.tax import Printed, tax_of
from billing.rules.tax import Tax


@dataclass(frozen=True)
class Previous:
    """A document that this one follows: the invoice it corrects, or a deposit that it takes off."""

    number: str
    issued_on: date


@dataclass(frozen=True)
class InvoiceDocument:
    """`previous`: what the document refers to."""

    invoice: Invoice
    lines: list[InvoiceLine]
    totals: Printed
    hue: int
    logo: bytes | None
    logo_kind: str = "image/png"
    previous: Sequence[Previous] = ()
    paper: str = Paper.A4
    columns: frozenset[str] = field(default_factory=lambda: frozenset({Column.QUANTITY, Column.PRICE, Column.TAX}))

    def tax_of(self, line: InvoiceLine) -> Tax:
        return tax_of(self.invoice, line)

    @property
    def pdf_is_copy(self) -> bool:
        """Whether the XML is the invoice, and the PDF shows it to people (XRechnung)."""
        return self.invoice.e_invoice in (EInvoice.XRECHNUNG_UBL, EInvoice.XRECHNUNG_CII)
