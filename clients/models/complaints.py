"""What a client's contact says to the shop's owner alone."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from .records import Client, Contact


class Complaint(TenantModel):
    """A private word. Read by its writer and the owner, by nobody else: no list, search, log or mail shows it.

    It keeps its own history in its columns, because the activity log is read by others.
    """

    portal = PortalRule.BY_CONTACT
    private = True

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    about = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    words = models.TextField(_("what happened"))
    form_key = models.UUIDField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-sent_at", "-id"], name="complaint_newest")]
        constraints = [models.UniqueConstraint(fields=["tenant", "contact", "form_key"], name="complaint_once")]
