"""What the bank says came in, and which payment became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices.paying import BankLineState
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from . import columns
from .payments import Payment


class BankAccount(TenantModel):
    """An account of the shop. `columns` says how its CSV files are read: the role of each column by its head."""

    name = models.CharField(_("name"), max_length=80)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    currency = models.CharField(max_length=3)
    columns = models.JSONField(default=dict, blank=True)
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="bank_account_name")]

    def __str__(self) -> str:
        return self.name


class BankImport(TenantModel):
    """One file that was read."""

    append_only = True

    account = TenantForeignKey(BankAccount, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    added = models.PositiveIntegerField()
    known = models.PositiveIntegerField()  # lines that an earlier file had brought already
    imported_by = models.CharField(max_length=120)
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-imported_at"], name="bank_import_newest")]


class BankLine(TenantModel):
    """A line of a bank statement. `fingerprint` makes sure that it is imported once, whatever files it stands in."""

    account = TenantForeignKey(BankAccount, on_delete=models.PROTECT, related_name="lines", editable=False)
    source = TenantForeignKey(BankImport, on_delete=models.PROTECT, related_name="lines", editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    booked_on = models.DateField(editable=False)
    currency = models.CharField(max_length=3, editable=False)
    amount = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES, editable=False)
    name = models.CharField(max_length=200, blank=True, editable=False)
    iban = models.CharField(max_length=34, blank=True, editable=False)
    text = models.TextField(blank=True, editable=False)
    state = models.CharField(max_length=10, choices=BankLineState.choices, default=BankLineState.OPEN)
    payment = TenantForeignKey(Payment, on_delete=models.PROTECT, related_name="+", null=True)
    decided_by = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "state", "-booked_on", "-id"], name="bank_line_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "account", "fingerprint"], name="bank_line_once"),
            models.UniqueConstraint(fields=["tenant", "payment"], name="bank_line_payment_once"),
            models.CheckConstraint(
                condition=Q(state=BankLineState.BOOKED, payment__isnull=False)
                | (~Q(state=BankLineState.BOOKED) & Q(payment=None)),
                name="bank_line_booked",
            ),
        ]


class PayerAccount(TenantModel):
    """A bank account that a client has paid from: learnt when somebody confirms a match."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    iban = models.CharField(max_length=34)
    learnt_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "iban", "client"], name="payer_account_once")]
