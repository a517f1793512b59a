"""The rows of issued invoices, and of the money that came in for them, as the actions would leave them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.models import (
    Allocation,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    JournalEntry,
    JournalLine,
    LineTime,
    OnAccount,
    Payment,
    Receivable,
)
from msp.tenancy.ids import new_id
from tests.bench.copying import Row

BILLED = (
    Invoice,
    InvoiceLine,
    InvoiceTax,
    LineTime,
    Receivable,
    Payment,
    OnAccount,
    Allocation,
    JournalEntry,
    JournalLine,
)
PRICE, TAX = Decimal(85), Decimal(20)
_CENT = Decimal("0.01")


class Rows(defaultdict[Any, list[Row]]):
    """Table by table."""

    def __init__(self) -> None:
        super().__init__(list)


@dataclass(frozen=True)
class Bill:
    """One invoice of a shop, before its rows are written."""

    tenant_id: int
    client_id: UUID
    buyer: str
    seller: str
    series: UUID
    sequence: int
    number: str
    at: datetime

    @property
    def of(self) -> Row:
        return {"tenant_id": self.tenant_id, "client_id": self.client_id}

    def add_to(self, rows: Rows, work: list[tuple[UUID, UUID, int]], *, paid: bool) -> UUID:
        """The invoice for (ticket, time entry, minutes) rows; returns its id."""
        invoice, due = new_id(), (self.at + timedelta(days=14)).date()
        amounts = [(PRICE * minutes / 60).quantize(_CENT) for _ticket, _entry, minutes in work]
        net = sum(amounts, Decimal(0))
        tax = (net * TAX / 100).quantize(_CENT)
        total = net + tax
        rows[Invoice].append(self._head(invoice, due) | {"net": net, "tax": tax, "total": total})
        for place, (each, amount) in enumerate(zip(work, amounts, strict=True)):
            self._line(rows, invoice, each, place, amount)
        about = {"invoice_id": invoice, "position": 0, "name": "VAT", "category": "S", "rate": TAX}
        rows[InvoiceTax].append(self.of | about | {"base": net, "amount": tax})
        owing = {"invoice_id": invoice, "currency": "GBP", "total": total, "issued_at": self.at, "due_on": due}
        received = total if paid else Decimal(0)
        rows[Receivable].append(self.of | owing | {"paid": received, "owed": total - received})
        self._post(
            rows, "issue", invoice, [("receivables", total, invoice), ("revenue", -net, None), ("tax", -tax, None)]
        )
        if paid:
            self._pay(rows, invoice, total, due)
        return invoice

    def _head(self, invoice: UUID, due: Any) -> Row:
        numbered = {"id": invoice, "status": "issued", "number": self.number, "sequence": self.sequence}
        issued = {"issued_at": self.at, "issued_on": self.at.date(), "due_on": due, "created_at": self.at}
        names = {"buyer_name": self.buyer, "seller_name": self.seller, "tax_name": "VAT", "language": "en"}
        terms = {"series_id": self.series, "currency": "GBP", "payment_days": 14, "tax_treatment": "standard"}
        return self.of | numbered | issued | names | terms

    def _line(self, rows: Rows, invoice: UUID, work: tuple[UUID, UUID, int], place: int, amount: Decimal) -> None:
        (ticket, entry, minutes), line = work, new_id()
        what = {"description": "Support", "quantity": round(minutes / 60, 2), "unit": "hour", "unit_price": PRICE}
        row = self.of | {"id": line, "invoice_id": invoice, "ticket_id": ticket, "position": place}
        rows[InvoiceLine].append(row | what | {"amount": amount, "net": amount, "tax_rate": TAX})
        rows[LineTime].append({"tenant_id": self.tenant_id, "line_id": line, "time_entry_id": entry})

    def _pay(self, rows: Rows, invoice: UUID, total: Decimal, day: Any) -> None:
        payment, put = new_id(), new_id()
        money = {"amount": total, "currency": "GBP"}
        when = {"paid_on": day, "recorded_by": "Somebody", "recorded_at": self.at}
        rows[Payment].append(self.of | money | when | {"id": payment, "invoice_id": invoice})
        rest = {"payment_id": payment, "currency": "GBP", "total": total, "left": Decimal(0)}
        rows[OnAccount].append(self.of | rest)
        on = {"id": put, "payment_id": payment, "invoice_id": invoice, "at": self.at, "by": "Somebody"}
        rows[Allocation].append(self.of | money | on)
        self._post(rows, "payment", payment, [("bank", total, None), ("on_account", -total, None)])
        self._post(rows, "allocation", put, [("on_account", total, None), ("receivables", -total, invoice)])

    def _post(self, rows: Rows, kind: str, subject: UUID, lines: list[tuple[str, Decimal, UUID | None]]) -> None:
        entry, day = new_id(), {"currency": "GBP", "booked_on": self.at.date()}
        about = {"id": entry, "kind": kind, "subject_id": subject, "number": self.number, "at": self.at}
        rows[JournalEntry].append(self.of | day | about | {"lines": len(lines)})
        for account, amount, invoice in lines:
            line = {"entry_id": entry, "account": account, "amount": amount, "invoice_id": invoice}
            rows[JournalLine].append(self.of | day | line)
