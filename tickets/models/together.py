"""Who is on a ticket right now, and tickets that belong together."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from clients.models import Client
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from tickets.choices import Doing

from .tickets import Ticket


class Presence(TenantModel):
    """Somebody has a ticket open. It counts for rules.PRESENT_FOR after `seen_at`; nobody has to say good-bye."""

    ticket = TenantForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    member = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    doing = models.CharField(max_length=10, choices=Doing.choices, default=Doing.VIEWING)
    seen_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "member", "seen_at"], name="presence_member")]
        constraints = [models.UniqueConstraint(fields=["tenant", "ticket", "member"], name="presence_once")]


class ChildTicket(TenantModel):
    """A ticket that a larger one stands behind. Children may be of different clients, and never learn of each other."""

    parent = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="child_links")
    child = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="parent_links")
    linked_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "parent"], name="child_ticket_parent")]
        constraints = [models.UniqueConstraint(fields=["tenant", "child"], name="child_ticket_once")]


class Merge(TenantModel):
    """That `ticket` went into `into`; `kept` says what to put back when it is undone."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    into = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    kept = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "into", "at"], name="merge_into")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ticket"], condition=Q(undone_at=None), name="merge_once"),
        ]
