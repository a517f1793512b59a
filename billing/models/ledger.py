"""The double-entry ledger under the documents: entries are added, never changed, and each comes to nothing."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.choices.paying import Account, EntryKind
from billing.rules.money import ZERO
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .invoices import Invoice


class Books(TenantModel):
    """Until when a shop's books are closed: no entry may be dated that early (trigger). One row a shop."""

    closed_through = models.DateField(_("closed through"), null=True)
    # What DATEV's files ask for: the accountant's numbers for themselves and for the shop.
    datev_consultant = models.PositiveIntegerField(_("DATEV consultant number"), null=True, blank=True)
    datev_client = models.PositiveIntegerField(_("DATEV client number"), null=True, blank=True)
    year_begins = models.PositiveSmallIntegerField(
        _("month in which the business year begins"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="books_one")]


class AccountCode(TenantModel):
    """The number of an account in the shop's own chart, for the accountant's program; of revenue and tax also one a rate."""

    account = models.CharField(max_length=12, choices=Account.choices)
    tax_rate = models.DecimalField(null=True, max_digits=columns.RATE_DIGITS, decimal_places=columns.RATE_PLACES)
    code = models.CharField(max_length=20)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account", "tax_rate"], name="account_code_one", nulls_distinct=False
            )
        ]


class JournalEntry(TenantModel):
    """One event in money. `lines` says how many lines it has, so that none can be added later (trigger).

    A client reads its own: they say nothing but amounts, days and document numbers.
    """

    portal = PortalRule.BY_CLIENT
    append_only = True

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    subject_id = models.UUIDField()  # the invoice, payment, allocation or write-off that made it
    number = models.CharField(max_length=120, blank=True)  # of the document, or the payment's reference
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
    at = models.DateTimeField()
    reverses = TenantForeignKey("self", on_delete=models.PROTECT, related_name="reversed_by", null=True)
    lines = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = [
            models.Index(fields=["tenant", "booked_on", "id"], name="journal_entry_day"),
            models.Index(fields=["tenant", "client", "booked_on", "id"], name="journal_entry_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "subject_id"], name="journal_entry_once"),
            models.UniqueConstraint(fields=["tenant", "reverses"], name="journal_entry_reversed_once"),
        ]


class JournalLine(TenantModel):
    """An amount on one account: debits are positive, credits negative. The lines of an entry come to nothing (trigger)."""

    portal = PortalRule.BY_CLIENT
    append_only = True

    entry = TenantForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="journal_lines")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=12, choices=Account.choices)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    booked_on = models.DateField()
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="+", null=True)
    tax_rate = models.DecimalField(null=True, max_digits=columns.RATE_DIGITS, decimal_places=columns.RATE_PLACES)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "entry"], name="journal_line_entry"),
            # With what sums and policies read besides, so that balances are read from the index alone.
            models.Index(
                fields=["tenant", "account", "currency", "booked_on"],
                include=["amount", "client"],
                name="journal_line_account",
            ),
            models.Index(fields=["tenant", "client", "account"], name="journal_line_client"),
            models.Index(
                fields=["tenant", "invoice"], name="journal_line_invoice", condition=Q(account=Account.RECEIVABLES)
            ),
        ]

    @property
    def debit(self) -> Decimal:
        return max(self.amount, ZERO)

    @property
    def credit(self) -> Decimal:
        return max(-self.amount, ZERO)
