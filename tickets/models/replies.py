"""Words that are written once and used often."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Archivable
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey


class SavedReply(Archivable):
    """A text to begin a message with: the shop's, or its owner's alone. Never sent by itself."""

    owner = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    body = models.TextField(_("text"), max_length=20_000)

    class Meta(Archivable.Meta):
        verbose_name = _("saved reply")
        verbose_name_plural = _("saved replies")
        indexes = [
            models.Index(fields=["tenant", "owner", "name"], name="saved_reply_owner", condition=Q(archived_at=None))
        ]

    def __str__(self) -> str:
        return self.name
