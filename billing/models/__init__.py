"""Everything billing keeps. One module a subject."""

from __future__ import annotations

from .agreements import Agreement, AgreementItem, AgreementVersion
from .allocations import Allocation, WriteOff
from .bank import BankAccount, BankImport, BankLine, PayerAccount
from .blocks import Block, BlockDraw, CoveredTime, CoveredWork, TimeCorrection
from .charges import AgreementCharge, AgreementTicket, ItemCount, Milestone
from .clock import BillingRun, FinishedWork, RunClient
from .invoices import Invoice, InvoiceLine, LineTime, Series
from .ledger import AccountCode, Books, JournalEntry, JournalLine
from .parts import Part
from .payments import OnAccount, Payment, Receivable
from .printing import PrintBatch, Printing
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
    "AccountCode",
    "Agreement",
    "AgreementCharge",
    "AgreementItem",
    "AgreementTemplate",
    "AgreementTicket",
    "AgreementVersion",
    "Allocation",
    "BankAccount",
    "BankImport",
    "BankLine",
    "BillingRun",
    "BillingSettings",
    "Block",
    "BlockDraw",
    "Books",
    "ClientTerms",
    "CoveredTime",
    "CoveredWork",
    "DepositUse",
    "Dispatch",
    "EvidenceSheet",
    "FinishedWork",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "ItemCount",
    "JournalEntry",
    "JournalLine",
    "LineTime",
    "Milestone",
    "OnAccount",
    "Part",
    "PayerAccount",
    "Payment",
    "PrintBatch",
    "Printing",
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
    "RunClient",
    "Series",
    "TaxRate",
    "TimeCorrection",
    "WriteOff",
]
