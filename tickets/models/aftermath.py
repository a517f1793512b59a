"""After a ticket was solved: the link that asks whether it works, and what the client thought of it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Contact
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule
from tickets.choices import Face

from .tickets import Ticket


class SolvedLink(TenantModel):
    """A mailed link by which `contact` says whether it works, without signing in. Only the secret's hash is kept."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def is_open(self, now: datetime) -> bool:
        return now < self.expires_at


class Rating(TenantModel):
    """What a contact thought of our work on a ticket. Colleagues do not read it; a bad one waits until somebody took care of it."""

    portal = PortalRule.BY_CONTACT

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="ratings")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    face = models.PositiveSmallIntegerField(_("rating"), choices=Face.choices)
    words = models.TextField(_("in your words"), blank=True)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # of a bad one: when somebody had taken care of it
    answered_by = models.CharField(max_length=120, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "-at", "-id"], name="rating_newest"),
            models.Index(fields=["tenant", "client", "-at"], name="rating_client"),
            models.Index(
                fields=["tenant", "at"], name="rating_unanswered", condition=Q(face=Face.BAD, answered_at=None)
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["tenant", "ticket"], name="rating_once")]

    def __str__(self) -> str:
        return str(self.get_face_display())

    @property
    def is_bad(self) -> bool:
        return self.face == Face.BAD
