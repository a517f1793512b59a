"""Everything billing keeps. One module a subject."""

from __future__ import annotations

from .agreements import Agreement, AgreementItem, AgreementVersion
from .blocks import Block, BlockDraw, CoveredTime, CoveredWork, TimeCorrection
from .charges import AgreementCharge, AgreementTicket, ItemCount, Milestone
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
from .signing import Acceptance, AgreementTemplate
from .tax import DepositUse, InvoiceTax, TaxRate
from .terms import BillingSettings, ClientTerms

__all__ = [
    "Acceptance",
    "Agreement",
    "AgreementCharge",
    "AgreementItem",
    "AgreementTemplate",
    "AgreementTicket",
    "AgreementVersion",
    "BillingSettings",
    "Block",
    "BlockDraw",
    "ClientTerms",
    "CoveredTime",
    "CoveredWork",
    "DepositUse",
    "Dispatch",
    "EvidenceSheet",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "ItemCount",
    "LineTime",
    "Milestone",
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
    "TimeCorrection",
]
