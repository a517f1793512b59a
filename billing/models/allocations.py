"""What was put against what, and what will never be paid."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices.paying import WriteOffKind
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .invoices import Invoice
from .payments import Payment


class WriteOff(TenantModel):
    """A part of an invoice that will not be paid, or (negative) the taking back of that. Never changed, never deleted."""

    append_only = True

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="write_offs")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(_("amount"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    tax = models.DecimalField(
        default=0, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )  # claimed back, of it
    kind = models.CharField(_("why"), max_length=12, choices=WriteOffKind.choices)
    reason = models.CharField(_("reason"), max_length=300)
    voids = TenantForeignKey("self", on_delete=models.PROTECT, related_name="voided_by", null=True)
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one write-off
    written_by = models.CharField(max_length=120)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        indexes = [models.Index(fields=["tenant", "invoice", "written_at"], name="write_off_invoice")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="write_off_once"),
            models.UniqueConstraint(fields=["tenant", "voids"], name="write_off_voided_once"),
            models.CheckConstraint(
                condition=Q(voids=None, amount__gt=0) | Q(voids__isnull=False, amount__lt=0), name="write_off_sign"
            ),
        ]

    @property
    def is_void_row(self) -> bool:
        return self.voids_id is not None


class AllocationQuerySet(TenantQuerySet["Allocation"]):
    def living(self) -> Self:
        """Those that were not taken back."""
        undone = Exists(Allocation.objects.filter(undoes=OuterRef("pk")))
        return self.filter(~undone, undoes=None)


class Allocation(TenantModel):
    """A part of a payment, of a credit note or of a write-off put against an invoice, or against a refund.

    Taking one back is a second row with the opposite sign. Never changed, never deleted.
    """

    portal = PortalRule.BY_CLIENT
    append_only = True

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    payment = TenantForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations", null=True)
    credit_note = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="credits", null=True)
    write_off = TenantForeignKey(WriteOff, on_delete=models.PROTECT, related_name="allocations", null=True)
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations", null=True)
    refund = TenantForeignKey(Payment, on_delete=models.PROTECT, related_name="refunded_from", null=True)
    undoes = TenantForeignKey("self", on_delete=models.PROTECT, related_name="undone_by", null=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=120)

    objects: ClassVar = TenantManager.from_queryset(AllocationQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "invoice", "at"], name="allocation_invoice"),
            models.Index(fields=["tenant", "payment"], name="allocation_payment"),
            models.Index(fields=["tenant", "credit_note"], name="allocation_credit_note"),
            models.Index(fields=["tenant", "refund"], name="allocation_refund"),
            models.Index(fields=["tenant", "write_off"], name="allocation_write_off"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "undoes"], name="allocation_undone_once"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit_note=None, write_off=None)
                | Q(payment=None, credit_note__isnull=False, write_off=None)
                | Q(payment=None, credit_note=None, write_off__isnull=False),
                name="allocation_from_one",
            ),
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, refund=None) | Q(invoice=None, refund__isnull=False),
                name="allocation_to_one",
            ),
            models.CheckConstraint(
                condition=Q(undoes=None, amount__gt=0) | Q(undoes__isnull=False, amount__lt=0), name="allocation_sign"
            ),
        ]
