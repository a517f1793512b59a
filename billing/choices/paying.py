"""Words of money that moves, and of the ledger underneath."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

CHECKOUTS = "checkouts"
STATEMENTS = "statements"


class Account(models.TextChoices):
    """What an account of the ledger is for. Its number in the shop's own chart of accounts stands in AccountCode."""

    RECEIVABLES = "receivables", _("Receivables")
    ON_ACCOUNT = "on_account", _("Clients' money on account")
    BANK = "bank", _("Bank and cash")
    CARD = "card", _("Card payments under way")
    REVENUE = "revenue", _("Revenue")
    TAX = "tax", _("Tax on sales")
    WRITE_OFF = "write_off", _("Written off")
    BAD_DEBT = "bad_debt", _("Bad debt")
    ROUNDING = "rounding", _("Rounding")


class EntryKind(models.TextChoices):
    """What made an entry of the ledger."""

    ISSUE = "issue", _("Invoice")
    CREDIT = "credit", _("Credit note")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    ALLOCATION = "allocation", _("Put against an invoice")
    WRITE_OFF = "write_off", _("Written off")


class PaymentKind(models.TextChoices):
    RECEIVED = "received", _("Received")
    REFUND = "refund", _("Paid back")


class WriteOffKind(models.TextChoices):
    DIFFERENCE = "difference", _("Small difference")
    GOODWILL = "goodwill", _("Goodwill")
    BAD_DEBT = "bad_debt", _("Bad debt: it will not be paid")


class BankLineState(models.TextChoices):
    OPEN = "open", _("To be confirmed")
    BOOKED = "booked", _("Booked")
    IGNORED = "ignored", _("Not ours to book")
