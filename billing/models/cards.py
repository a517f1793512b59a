"""Paying by card at a processor's own page."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .invoices import Invoice


class CardProcessor(TenantModel):
    """The shop's account at Stripe. Both secrets are sealed; the address that Stripe calls carries a third one."""

    secret_key_sealed = models.TextField(blank=True, editable=False)
    signing_secret_sealed = models.TextField(blank=True, editable=False)
    hook_hash = models.CharField(max_length=64, blank=True, editable=False)
    is_on = models.BooleanField(_("clients may pay by card"), default=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="card_processor_one")]

    def place_of(self, name: str) -> tuple[str, ...]:
        """Where a sealed secret lives."""
        return ("billing.CardProcessor", str(self.tenant_id), name)


class Checkout(DueRow):
    """A contact's wish to pay an invoice by card. A worker asks Stripe for the page; its answer comes in by the hook."""

    portal = PortalRule.BY_CLIENT

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="checkouts")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    session_id = models.CharField(max_length=120, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("card payment page")
        verbose_name_plural = _("card payment pages")
        indexes = [
            *due_indexes("checkout"),
            models.Index(fields=["tenant", "invoice", "-created_at"], name="checkout_invoice"),
        ]
        constraints = [
            due_constraint("checkout"),
            models.UniqueConstraint(
                fields=["tenant", "invoice"], condition=Q(state="queued"), name="checkout_one_waiting"
            ),
        ]


class CardEvent(TenantModel):
    """A message of the processor that was taken in. Its key makes a repeated one change nothing."""

    append_only = True

    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    outcome = models.CharField(max_length=300)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "event_id"], name="card_event_once")]
