"""Everything that stands on a document, loaded: rendering asks the database nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from billing.choices import Column, EInvoice, Paper
from billing.models import Invoice, InvoiceLine
from billing.queries.tax import Printed, tax_of
from billing.rules.tax import Tax

from .words import later, unit_of


@dataclass(frozen=True)
class Previous:
    """A document that this one follows: the invoice it corrects, or a deposit that it takes off."""

    number: str
    issued_on: date


@dataclass(frozen=True)
class PrintedLine:
    line: InvoiceLine
    tax: Tax
    unit: str


@dataclass(frozen=True)
class InvoiceDocument:
    """`previous`: what the document refers to. `promised_at`: by when it was promised to be out."""

    invoice: Invoice
    lines: list[InvoiceLine]
    totals: Printed
    hue: int
    logo: bytes | None
    logo_kind: str = "image/png"
    previous: Sequence[Previous] = ()
    paper: str = Paper.A4
    columns: frozenset[str] = field(default_factory=lambda: frozenset({Column.QUANTITY, Column.PRICE, Column.TAX}))

    zone: str = "UTC"
    promised_at: datetime | None = None

    @property
    def shows(self) -> dict[str, bool]:
        return {column: column in self.columns for column in Column}

    @property
    def rows(self) -> list[PrintedLine]:
        return [PrintedLine(line, self.tax_of(line), unit_of(line.unit)) for line in self.lines]

    @property
    def tax_reasons(self) -> list[str]:
        """Why no tax is charged, each reason once."""
        reasons = [tax.exemption_reason for tax in self.totals.taxes] + [self.invoice.tax_reason]
        return list(dict.fromkeys(filter(None, reasons)))

    @property
    def reference(self) -> str:
        """The buyer's own reference."""
        return self.invoice.buyer.reference

    @property
    def asks_for_payment(self) -> bool:
        return self.invoice.is_owed and not self.invoice.is_credit

    @property
    def finished_on(self) -> date | None:
        finished = self.invoice.work_finished_at
        return finished.astimezone(ZoneInfo(self.zone)).date() if finished else None

    @property
    def billed_later(self) -> str:
        """How soon after the work it was billed, if that was as soon as the client was promised."""
        finished, issued, promised = self.invoice.work_finished_at, self.invoice.issued_at, self.promised_at
        if finished is None or issued is None or promised is None or not finished <= issued <= promised:
            return ""
        return later(issued - finished)

    def tax_of(self, line: InvoiceLine) -> Tax:
        return tax_of(self.invoice, line)

    @property
    def pdf_is_copy(self) -> bool:
        """Whether the XML is the invoice, and the PDF shows it to people (XRechnung)."""
        return self.invoice.e_invoice in (EInvoice.XRECHNUNG_UBL, EInvoice.XRECHNUNG_CII)
