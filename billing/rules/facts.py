"""What the checks look at, and what they answer: plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django_stubs_ext import StrOrPromise

from billing.choices import Severity

from .consenting import Need
from .einvoicing import Lacks


class Fix(StrEnum):
    """Where a finding is put right."""

    LINE = "line"
    INVOICE = "invoice"
    TERMS = "terms"
    CLIENT = "client"
    SHOP = "shop"
    TAX = "tax"
    ORDER = "order"
    AGREEMENT = "agreement"
    DOCUMENTS = "documents"
    APPROVAL = "approval"


@dataclass(frozen=True)
class EntryFacts:
    """A billed time entry. `overlaps`: the same person has another entry at the same time."""

    ticket_number: int
    who: str
    started_at: datetime
    ended_at: datetime
    overlaps: bool = False


@dataclass(frozen=True)
class LineFacts:
    line_id: UUID
    description: str
    detail: str
    tax_rate: Decimal
    entries: tuple[EntryFacts, ...] = ()
    tax_by_hand: bool = False
    amount: Decimal = Decimal(0)
    unit_price: Decimal = Decimal(0)
    coverage: str = (
        ""  # who bears the work behind it: `included`, `block`, `rate`; empty where no work stands behind it
    )
    quoted_price: Decimal | None = None
    quote: str = ""
    twin: str = ""  # the earlier document that has the same on it
    names_others: tuple[str, ...] = ()  # words by which other clients are recognised


@dataclass(frozen=True)
class InvoiceFacts:
    """Everything the checks look at. `usual_totals` are this client's earlier invoices in the same currency; `terms_…` is what
    holds for the client today, while `tax_…` was copied onto the draft.
    """

    created_at: datetime
    total: Decimal
    lines: tuple[LineFacts, ...]
    recipients: tuple[str, ...]
    foreign_recipients: tuple[str, ...]
    seller_name: str
    seller_address: str
    seller_tax_id: str
    buyer_address: str
    buyer_tax_id: str
    tax_treatment: str
    tax_reason: str
    po_number: str
    po_required: bool
    usual_totals: tuple[Decimal, ...]
    terms_treatment: str
    terms_reason: str
    terms_rate: Decimal | None
    net: Decimal = Decimal(0)
    po_left: Decimal | None = None  # what the purchase order still covers, before this invoice; None: it has no limit
    overdrawn_blocks: tuple[str, ...] = ()
    goes_by_post: bool = False
    e_invoice: Lacks = field(default_factory=Lacks)
    client_need: Need | None = None  # the client wants to approve it itself


@dataclass(frozen=True)
class Finding:
    """What one check found. `line_id` is set when one line is to blame."""

    check: str
    severity: Severity
    title: str
    why: str
    fix: Fix
    line_id: UUID | None = None


Found = Iterator[tuple[str, str, Fix, UUID | None]]
Rule = Callable[[InvoiceFacts, datetime], Found]


@dataclass(frozen=True)
class Check:
    """`passed` is what the page says when nothing was found."""

    name: str
    passed: StrOrPromise
    severity: Severity
    rule: Rule
