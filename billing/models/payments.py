"""Money that came in, and what is still owed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices import PaymentMethod
from billing.rules import money
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .invoices import Invoice


class ReceivableQuerySet(TenantQuerySet["Receivable"]):
    def owing(self) -> Self:
        return self.filter(owed__gt=0)

    def overdue(self, today: date) -> Self:
        return self.owing().filter(due_on__lt=today)

    def settled(self) -> Self:
        """Paid in full, or more than that."""
        return self.filter(owed__lte=0)


class Receivable(TenantModel):
    """What is owed on one issued invoice, beside the frozen row. Always the total less the sum of its payments."""

    portal = PortalRule.BY_CLIENT

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="receivables")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    total = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    paid = models.DecimalField(default=0, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    owed = models.DecimalField(
        max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )  # negative: the client has credit

    objects: ClassVar = TenantManager.from_queryset(ReceivableQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "-issued_at", "-id"], name="receivable_newest"),
            models.Index(fields=["tenant", "due_on", "id"], name="receivable_owing", condition=Q(owed__gt=0)),
            models.Index(fields=["tenant", "client", "due_on"], name="receivable_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice"], name="receivable_one"),
            models.CheckConstraint(condition=Q(owed=F("total") - F("paid")), name="receivable_adds_up"),
        ]

    @property
    def is_settled(self) -> bool:
        return self.owed <= 0

    @property
    def is_part_paid(self) -> bool:
        return self.paid > 0 and self.owed > 0

    @property
    def credit(self) -> Decimal:
        """What the client has paid too much."""
        return max(-self.owed, money.ZERO)

    def is_overdue(self, today: date) -> bool:
        return self.owed > 0 and self.due_on < today


class PaymentQuerySet(TenantQuerySet["Payment"]):
    def knowing_voids(self) -> Self:
        """With `is_voided`: whether a later row takes the payment back."""
        return self.annotate(is_voided=Exists(Payment.objects.filter(voids=OuterRef("pk"))))


class Payment(TenantModel):
    """Money received, or (negative) the taking back of a payment recorded by mistake. Never changed, never deleted."""

    portal = PortalRule.BY_CLIENT
    append_only = True

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(_("amount"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    paid_on = models.DateField(_("paid on"))
    method = models.CharField(_("how"), max_length=20, choices=PaymentMethod.choices, default=PaymentMethod.TRANSFER)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    voids = TenantForeignKey("self", on_delete=models.PROTECT, related_name="voided_by", null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one payment
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = TenantManager.from_queryset(PaymentQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            models.Index(fields=["tenant", "-recorded_at", "-id"], name="payment_newest"),
            models.Index(fields=["tenant", "invoice", "recorded_at"], name="payment_invoice"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="payment_once"),
            models.UniqueConstraint(fields=["tenant", "voids"], name="payment_voided_once"),
            models.CheckConstraint(
                condition=Q(voids=None, amount__gt=0) | (Q(voids__isnull=False, amount__lt=0) & ~Q(reason="")),
                name="payment_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def is_void_row(self) -> bool:
        return self.voids_id is not None
