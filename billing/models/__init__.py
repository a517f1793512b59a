"""Everything billing keeps. One module a subject."""

from __future__ import annotations

from .agreements import Agreement, AgreementItem, AgreementVersion
from .allocations import Allocation, WriteOff
from .asking import LineQuery, QueryMessage
from .bank import BankAccount, BankImport, BankLine, PayerAccount
from .blocks import Block, BlockDraw, CoveredTime, CoveredWork, TimeCorrection
from .cards import CardEvent, CardProcessor, Checkout
from .charges import AgreementCharge, AgreementTicket, AgreementTimer, ItemCount, Milestone
from .clock import BillingRun, FinishedWork, RunClient
from .consenting import ClientApproval
from .costs import CostRate, Overhead
from .dunning import (
    CareSettings,
    DunningLetter,
    DunningRound,
    DunningStep,
    DunningSweep,
    DunningText,
    LetterMail,
    PayPromise,
    ReminderFee,
    ReminderPause,
    StepTaken,
)
from .invoices import Invoice, InvoiceLine, LineTime, Series
from .ledger import AccountCode, Books, JournalEntry, JournalLine
from .loyalty import LoyaltyGift, LoyaltyRule
from .parts import Part
from .payments import OnAccount, Payment, Receivable
from .printing import PrintBatch, Printing
from .quote_answers import (
    EvidenceSheet,
    QuoteAgreement,
    QuoteAnswer,
    QuoteInvoice,
    QuoteLink,
    QuoteRendering,
    QuoteTimer,
)
from .quotes import Quote, QuoteLine, QuoteRevision, QuoteSettings
from .sending import Dispatch, Release, Rendering
from .signing import Acceptance, AgreementTemplate
from .statements import StatementPdf
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
    "AgreementTimer",
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
    "CardEvent",
    "CardProcessor",
    "CareSettings",
    "Checkout",
    "ClientApproval",
    "ClientTerms",
    "CostRate",
    "CoveredTime",
    "CoveredWork",
    "DepositUse",
    "Dispatch",
    "DunningLetter",
    "DunningRound",
    "DunningStep",
    "DunningSweep",
    "DunningText",
    "EvidenceSheet",
    "FinishedWork",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "ItemCount",
    "JournalEntry",
    "JournalLine",
    "LetterMail",
    "LineQuery",
    "LineTime",
    "LoyaltyGift",
    "LoyaltyRule",
    "Milestone",
    "OnAccount",
    "Overhead",
    "Part",
    "PayPromise",
    "PayerAccount",
    "Payment",
    "PrintBatch",
    "Printing",
    "QueryMessage",
    "Quote",
    "QuoteAgreement",
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
    "ReminderFee",
    "ReminderPause",
    "Rendering",
    "RunClient",
    "Series",
    "StatementPdf",
    "StepTaken",
    "TaxRate",
    "TimeCorrection",
    "WriteOff",
]
