"""Filters of the ticket list under a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Archivable
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey


class SavedView(Archivable):
    """What the list's address asks for, kept: one's own, or shared with everybody when nobody owns it."""

    owner = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500, editable=False)

    class Meta(Archivable.Meta):
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        indexes = [
            models.Index(fields=["tenant", "owner", "name"], name="saved_view_owner", condition=Q(archived_at=None))
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('tickets:list')}?{self.query}"
