"""Telephone calls: who called, how long it took, what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from clients.models import Client, Contact
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .tickets import Ticket


class Call(TenantModel):
    """One call that somebody took: measured from opening the form to what was written down."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)
    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="calls")
    number = models.CharField(max_length=40, blank=True)
    is_emergency = models.BooleanField(default=False)  # it came in on the emergency line
    opened = models.BooleanField(default=True)  # the ticket; else it was there already
    form_key = models.UUIDField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-started_at", "-id"], name="call_newest")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="call_once"),
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="call_ends_after_start"),
        ]

    @property
    def seconds(self) -> int:
        return int((self.ended_at - self.started_at).total_seconds())
