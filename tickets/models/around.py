"""Who else follows a ticket, and what else it is about."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from clients.models import Asset, Client, Contact
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .tickets import Ticket


class Watcher(TenantModel):
    """A member of staff, or a person of the ticket's client, who hears what is said on it."""

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="watchers")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)
    since = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "ticket", "member"], condition=Q(member__isnull=False), name="watcher_member"
            ),
            models.UniqueConstraint(
                fields=["tenant", "ticket", "contact"], condition=Q(contact__isnull=False), name="watcher_contact"
            ),
            models.CheckConstraint(
                condition=Q(member=None, contact__isnull=False) | Q(member__isnull=False, contact=None),
                name="watcher_is_one_person",
            ),
        ]

    @property
    def person(self) -> Membership | Contact:
        return self.member or self.contact  # type: ignore[no-any-return]


class LinkedAsset(TenantModel):
    """Equipment that a ticket is about beside its first."""

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="linked_assets")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    asset = TenantForeignKey(Asset, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "asset"], name="linked_asset_asset")]
        constraints = [models.UniqueConstraint(fields=["tenant", "ticket", "asset"], name="linked_asset_once")]
