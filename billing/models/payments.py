"""Money that came in, and what is still owed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices import PaymentMethod
from billing.choices.paying import PaymentKind
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
        """Paid in full, or written off."""
        return self.filter(owed__lte=0)

    def given_up(self) -> Self:
        """Nothing is owed any more, because some or all of it was written off."""
        return self.settled().filter(written_off__gt=0)


class Receivable(TenantModel):
    """What is owed on one issued document, beside the frozen row: always the total less everything put against it.

    A credit note's amounts are negative: it is owed to the client until it is put against invoices or paid out.
    """

    portal = PortalRule.BY_CLIENT

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="receivables")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    total = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    paid = models.DecimalField(default=0, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    written_off = models.DecimalField(  # the part of `paid` that nobody paid
        default=0, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    owed = models.DecimalField(
        max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )  # negative: what is left of a credit note

    objects: ClassVar = TenantManager.from_queryset(ReceivableQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "-issued_at", "-id"], name="receivable_newest"),
            models.Index(fields=["tenant", "due_on", "id"], name="receivable_owing", condition=Q(owed__gt=0)),
            models.Index(fields=["tenant", "client", "due_on"], name="receivable_client"),
            models.Index(fields=["tenant", "client"], name="receivable_open", condition=~Q(owed=0)),
            models.Index(
                fields=["tenant", "-issued_at", "-id"],
                name="receivable_given_up",
                condition=Q(owed__lte=0, written_off__gt=0),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice"], name="receivable_one"),
            models.CheckConstraint(condition=Q(owed=F("total") - F("paid")), name="receivable_adds_up"),
            models.CheckConstraint(
                condition=Q(total__gte=0, owed__gte=0) | Q(total__lt=0, owed__lte=0), name="receivable_never_too_much"
            ),
            models.CheckConstraint(
                condition=Q(written_off=0) | Q(written_off__gt=0, written_off__lte=F("paid")),
                name="receivable_written_off_within",
            ),
        ]

    @property
    def is_settled(self) -> bool:
        return self.owed <= 0

    @property
    def is_given_up(self) -> bool:
        """Settled, but not by the client alone."""
        return self.is_settled and self.written_off > 0

    @property
    def is_written_off(self) -> bool:
        """Nothing of it was paid."""
        return self.is_given_up and self.written_off >= self.total

    @property
    def received(self) -> Decimal:
        """What was put against it, without what was written off."""
        return self.paid - self.written_off

    @property
    def is_part_paid(self) -> bool:
        return self.received > 0 and self.owed > 0

    @property
    def is_credit_note(self) -> bool:
        return self.total < 0

    @property
    def credit(self) -> Decimal:
        """What is left of a credit note."""
        return max(-self.owed, money.ZERO)

    def is_overdue(self, today: date) -> bool:
        return self.owed > 0 and self.due_on < today


class PaymentQuerySet(TenantQuerySet["Payment"]):
    def knowing_voids(self) -> Self:
        """With `is_voided`: whether a later row takes the payment back."""
        return self.annotate(is_voided=Exists(Payment.objects.filter(voids=OuterRef("pk"))))


class Payment(TenantModel):
    """Money received, money paid back (negative), or the taking back of either. Never changed, never deleted.

    What a payment is put against stands in Allocation; `invoice` is the one it was recorded on, if any.
    """

    portal = PortalRule.BY_CLIENT
    append_only = True

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments", null=True)
    kind = models.CharField(max_length=10, choices=PaymentKind.choices, default=PaymentKind.RECEIVED)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(_("amount"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    paid_on = models.DateField(_("paid on"))
    method = models.CharField(_("how"), max_length=20, choices=PaymentMethod.choices, default=PaymentMethod.TRANSFER)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    voids = TenantForeignKey("self", on_delete=models.PROTECT, related_name="voided_by", null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one payment
    external_id = models.CharField(max_length=120, null=True, editable=False)  # noqa: DJ001  another system's key, or none
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
            models.UniqueConstraint(fields=["tenant", "external_id"], name="payment_external_once"),
            models.UniqueConstraint(fields=["tenant", "voids"], name="payment_voided_once"),
            models.CheckConstraint(
                condition=Q(voids=None, kind=PaymentKind.RECEIVED, amount__gt=0)
                | Q(voids=None, kind=PaymentKind.REFUND, amount__lt=0)
                | (Q(voids__isnull=False, kind=PaymentKind.RECEIVED, amount__lt=0) & ~Q(reason=""))
                | (Q(voids__isnull=False, kind=PaymentKind.REFUND, amount__gt=0) & ~Q(reason="")),
                name="payment_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def get_absolute_url(self) -> str:
        return reverse("billing:payment", kwargs={"payment_id": self.pk})

    @property
    def is_void_row(self) -> bool:
        return self.voids_id is not None

    @property
    def is_refund(self) -> bool:
        return self.kind == PaymentKind.REFUND


class OnAccount(TenantModel):
    """What is left of a received payment, beside its row: the client's money that is on no invoice yet."""

    portal = PortalRule.BY_CLIENT

    payment = TenantForeignKey(Payment, on_delete=models.PROTECT, related_name="on_account")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    left = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "client", "id"], name="on_account_left", condition=Q(left__gt=0))]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "payment"], name="on_account_one"),
            models.CheckConstraint(condition=Q(left__gte=0, left__lte=F("total")), name="on_account_within"),
        ]
