"""Everything one invoice's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.choices import CORRECTED
from billing.models import Invoice, InvoiceLine, Receivable, Release, Rendering
from billing.rules import money
from billing.rules.parties import Parties
from msp.audit.models import Entry
from msp.jobs.choices import DueState

from .crediting import corrections_of, open_deposits
from .review import Reviewed, review
from .sending import Delivery, deliveries
from .settling import Settlement, credit_of, settlements_of
from .tax import Printed, printed_totals

ACTIVITY = 50


@dataclass(frozen=True)
class Detail:
    """`reviewed` while it has no number, `owed` once it has one. `leaves_at`: when an approved one gets its number;
    `stuck`: why it has not got one.
    """

    invoice: Invoice
    lines: list[InvoiceLine]
    totals: Printed
    reviewed: Reviewed | None
    leaves_at: datetime | None
    stuck: Release | None
    owed: Receivable | None
    settlements: list[Settlement]
    credit: Decimal  # what the client has with us, where something is owed
    rendering: Rendering | None
    deliveries: list[Delivery]
    corrections: list[Invoice]
    deposits: list[Invoice]  # to take off this draft
    activity: list[Entry]
    may_have_older_activity: bool

    @property
    def parties(self) -> Parties | Invoice:
        """As they would be printed now; once approved, as they were copied onto the invoice."""
        return self.reviewed.parties if self.reviewed and self.invoice.is_draft else self.invoice

    @property
    def can_be_corrected(self) -> bool:
        return self.invoice.is_issued and self.invoice.kind in CORRECTED

    @property
    def stage(self) -> str:
        """How far it has come; the page is drawn anew when this changes."""
        return f"{self.invoice.status}{'-pdf' if self.invoice.pdf_id else ''}"

    @property
    def is_moving(self) -> bool:
        """A worker has something to do with it: the page asks again."""
        if self.invoice.is_issued:
            rendering = self.rendering is not None and self.rendering.state == DueState.QUEUED
            return rendering or any(delivery.sent.is_moving for delivery in self.deliveries)
        return self.leaves_at is not None


def detail_of(invoice: Invoice, now: datetime) -> Detail:
    """A constant number of queries."""
    reviewed = review([invoice], now)[0] if invoice.is_open else None
    lines = reviewed.lines if reviewed else lines_of(invoice)
    releases = {row.state: row for row in Release.objects.filter(invoice=invoice).order_by("id")}
    waiting = releases.get(DueState.QUEUED)
    owed = Receivable.objects.filter(invoice=invoice).first()
    entries = Entry.objects.filter(subject_kind="billing.invoice", subject_id=invoice.pk).order_by("-at", "-id")
    activity = list(entries[:ACTIVITY])
    return Detail(
        invoice=invoice,
        lines=lines,
        totals=printed_totals(invoice),
        reviewed=reviewed,
        leaves_at=waiting.due_at if waiting else None,
        stuck=releases.get(DueState.DEAD),
        owed=owed,
        settlements=settlements_of(invoice),
        credit=credit_of(invoice.client_id, invoice.currency) if owed and owed.owed > 0 else money.ZERO,
        rendering=Rendering.objects.filter(invoice=invoice).first(),
        deliveries=deliveries(invoice),
        corrections=corrections_of(invoice) if invoice.is_issued else [],
        deposits=open_deposits(invoice),
        activity=activity,
        may_have_older_activity=len(activity) == ACTIVITY,
    )


def lines_of(invoice: Invoice) -> list[InvoiceLine]:
    return list(InvoiceLine.objects.filter(invoice=invoice).select_related("ticket").order_by("position"))
