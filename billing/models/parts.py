"""What was built in or paid for on a job."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.choices import OldPart, PartKind
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from tickets.models import Ticket

from . import columns
from .invoices import InvoiceLine


class PartQuerySet(TenantQuerySet["Part"]):
    def unbilled(self) -> Self:
        return self.filter(line=None, removed_at=None)


class Part(TenantModel):
    """A part or an expense on a ticket, at cost and at the client's price. Becomes a line when the ticket is drafted.

    A price outside the shop's margin band waits for somebody who approves invoices.
    """

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=PartKind.choices, default=PartKind.PART)
    description = models.CharField(_("what it is"), max_length=200)
    serial = models.CharField(_("serial number"), max_length=120, blank=True)
    old_part = models.CharField(_("the old part"), max_length=10, choices=OldPart.choices, default=OldPart.NONE)
    quantity = models.DecimalField(
        _("quantity"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    currency = models.CharField(max_length=3, editable=False)
    cost = models.DecimalField(_("cost to us, each"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    price = models.DecimalField(_("price, each"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    needs_approval = models.BooleanField(default=False, editable=False)  # its margin lies outside the band
    approved_by = models.CharField(max_length=120, blank=True, editable=False)
    approved_because = models.CharField(max_length=300, blank=True, editable=False)
    line = TenantForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="parts", null=True, editable=False)
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one part
    added_by = models.CharField(max_length=120, editable=False)
    added_at = models.DateTimeField(editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = TenantManager.from_queryset(PartQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("part or expense")
        verbose_name_plural = _("parts and expenses")
        indexes = [
            models.Index(fields=["tenant", "ticket", "added_at"], name="part_ticket"),
            models.Index(fields=["tenant", "line"], name="part_line"),
            models.Index(fields=["tenant", "client"], name="part_unbilled", condition=Q(line=None, removed_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="part_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0, cost__gte=0, price__gte=0), name="part_not_negative"),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(line=None), name="part_billed_or_removed"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def waits_for_approval(self) -> bool:
        return self.needs_approval and not self.approved_by

    @property
    def is_billed(self) -> bool:
        return self.line_id is not None
