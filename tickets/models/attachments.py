"""Files on a ticket."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.accounts.models import Membership
from msp.files.models import StoredFile
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule
from tickets.choices import Visibility

from .conversation import Message
from .tickets import Ticket


class AttachmentQuerySet(TenantQuerySet["Attachment"]):
    def held_by(self, member: Membership) -> Self:
        """What a member chose and has not sent yet."""
        return self.filter(message=None, holder=member)


class Attachment(TenantModel):
    """A file of a message. Without one it is held: whoever chose it still has it in their composer, and nobody else sees it.

    `visibility` is the message's, on this row and on its files alike: the wall asks each of them.
    """

    portal = PortalRule.BY_CLIENT_PUBLIC

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="attachments")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    message = TenantForeignKey(Message, on_delete=models.PROTECT, related_name="attachments", null=True)
    holder = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL)
    file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    thumbnail = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True)
    added_at = models.DateTimeField()

    objects: ClassVar = TenantManager.from_queryset(AttachmentQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            models.Index(fields=["tenant", "ticket", "added_at"], name="attachment_ticket"),
            models.Index(fields=["tenant", "message"], name="attachment_message"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(message__isnull=False) | Q(holder__isnull=False, visibility="internal"),
                name="attachment_held_is_internal",
            ),
        ]

    def __str__(self) -> str:
        return str(self.file_id)
