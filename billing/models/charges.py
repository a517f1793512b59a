"""What was counted and charged under an agreement, and which work belongs to it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule
from tickets.models import Ticket

from . import columns
from .agreements import Agreement
from .invoices import Invoice, InvoiceLine


class ItemCount(TenantModel):
    """The log of a counted quantity: a row whenever it changed. `on` is the first day with this quantity."""

    portal = PortalRule.BY_CLIENT
    append_only = True

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="counts")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    item_key = models.UUIDField()
    on = models.DateField()
    quantity = models.PositiveIntegerField()
    was = models.PositiveIntegerField(null=True)
    counted_by = models.CharField(max_length=120)
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "agreement", "item_key", "on", "id"], name="item_count_item")]

    def __str__(self) -> str:
        return f"{self.quantity}"


class AgreementCharge(TenantModel):
    """A period of an agreement that was charged: the unique key lets it be charged once."""

    portal = PortalRule.CLOSED

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="charges")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    period_end = models.DateField()  # the last day
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="agreement_charges")
    charged_at = models.DateTimeField(default=timezone.now)
    # The later invoice that carries what the numbers came to in the end, once they were looked at.
    trued_by = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "agreement", "period_start"], name="agreement_charge_once"),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="agreement_charge_days"),
        ]
        indexes = [models.Index(fields=["tenant", "invoice"], name="agreement_charge_invoice")]

    def __str__(self) -> str:
        return f"{self.period_start}"


class Milestone(TenantModel):
    """A step of a project that is billed when it is reached, or the deposit that is billed at the start."""

    portal = PortalRule.BY_CLIENT

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="milestones", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    position = models.PositiveSmallIntegerField(editable=False)
    title = models.CharField(_("milestone"), max_length=160)
    amount = models.DecimalField(_("price"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    due_on = models.DateField(_("planned for"), null=True, blank=True)
    is_deposit = models.BooleanField(_("deposit"), default=False)
    reached_at = models.DateTimeField(null=True, editable=False)
    line = TenantForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    form_key = models.UUIDField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "agreement", "position"], name="milestone_position"),
            models.UniqueConstraint(fields=["tenant", "form_key"], name="milestone_once"),
            models.CheckConstraint(
                condition=Q(line=None) | Q(reached_at__isnull=False), name="milestone_billed_when_reached"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AgreementTicket(TenantModel):
    """A ticket that belongs to one agreement of its client's: a project's work, say. Others follow the client's agreements."""

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="tickets")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "ticket"], name="agreement_ticket_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id}"


class AgreementTimer(DueRow):
    """An agreement's nightly look: counts, charges, blocks that expire, terms that end."""

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="timers")

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("nightly look at an agreement")
        verbose_name_plural = _("nightly looks at agreements")
        indexes = due_indexes("agreement_timer")
        constraints = [
            due_constraint("agreement_timer"),
            models.UniqueConstraint(fields=["tenant", "agreement"], name="agreement_timer_one"),
        ]
