"""Everything billing keeps. One module a subject."""

from __future__ import annotations

from .invoices import Invoice, InvoiceLine, LineTime, Series
from .payments import Payment, Receivable
from .quote_answers import (
    EvidenceSheet,
    QuoteAnswer,
    QuoteInvoice,
    QuoteLink,
    QuoteRendering,
    QuoteTimer,
)
from .quotes import Quote, QuoteLine, QuoteRevision, QuoteSettings
from .sending import Dispatch, Release, Rendering
from .tax import DepositUse, InvoiceTax, TaxRate
from .terms import BillingSettings, ClientTerms

__all__ = [
    "BillingSettings",
    "ClientTerms",
    "DepositUse",
    "Dispatch",
    "EvidenceSheet",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "LineTime",
    "Payment",
    "Quote",
    "QuoteAnswer",
    "QuoteInvoice",
    "QuoteLine",
    "QuoteLink",
    "QuoteRendering",
    "QuoteRevision",
    "QuoteSettings",
    "QuoteTimer",
    "Receivable",
    "Release",
    "Rendering",
    "Series",
    "TaxRate",
]
