"""Everything billing keeps. One module a subject."""

from __future__ import annotations

from .invoices import Invoice, InvoiceLine, LineTime, Series
from .payments import Payment, Receivable
from .sending import Dispatch, Release, Rendering
from .terms import BillingSettings, ClientTerms

__all__ = [
    "BillingSettings",
    "ClientTerms",
    "Dispatch",
    "Invoice",
    "InvoiceLine",
    "LineTime",
    "Payment",
    "Receivable",
    "Release",
    "Rendering",
    "Series",
]
