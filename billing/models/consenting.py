"""The client's word on a draft that is above what it wants to approve."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.choices import Consent, ConsentWay
from clients.models import Client, Contact
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .invoices import Invoice


class ClientApproval(TenantModel):
    """One question to the client's approver, or what we have from them in writing. It counts for the lines as they were then.

    The portal never reads a draft: what the approver is to read stands in `shown`.
    """

    portal = PortalRule.BY_CLIENT

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="client_approvals")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)  # the approver
    state = models.CharField(max_length=10, choices=Consent.choices, default=Consent.ASKED)
    way = models.CharField(max_length=10, choices=ConsentWay.choices, default=ConsentWay.PORTAL)
    currency = models.CharField(max_length=3)
    net = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)  # before tax
    shown = models.JSONField(default=list)  # rules/consenting.py: the lines
    fingerprint = models.CharField(max_length=64)  # of their words, quantities and prices
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=120, blank=True)
    words = models.CharField(_("message"), max_length=1000, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("approval by the client")
        verbose_name_plural = _("approvals by clients")
        indexes = [models.Index(fields=["tenant", "invoice", "asked_at", "id"], name="client_approval_invoice")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "invoice"], condition=Q(state="asked"), name="client_approval_one_asked"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "declined"], answered_at__isnull=False)
                | Q(state__in=["asked", "dropped"], answered_at=None),
                name="client_approval_answered_at",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_state_display())

    def get_absolute_url(self) -> str:
        return reverse("billing:portal-approval", kwargs={"client_approval_id": self.pk})

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines as they were shown, their figures as numbers."""
        figures = ("quantity", "unit_price", "amount")
        return [line | {name: Decimal(line[name]) for name in figures} for line in self.shown]

    @property
    def is_asked(self) -> bool:
        return self.state == Consent.ASKED
