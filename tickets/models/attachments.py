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
from msp.tenancy.scope import CLIENT_SQL, PortalRule
from tickets.choices import Visibility

from .conversation import Message
from .tickets import Ticket


class AttachmentQuerySet(TenantQuerySet["Attachment"]):
    def held_by(self, member: Membership) -> Self:
        """What a member chose and has not sent yet."""
        return self.filter(message=None, holder=member)


# Public, and of a message that this contact may read: the message's own policy answers inside the question.
_ITS_MESSAGE = (
    "exists (select 1 from tickets_message said"
    " where said.tenant_id = tickets_attachment.tenant_id and said.id = tickets_attachment.message_id)"
)
_WITH_ITS_MESSAGE = PortalRule(
    "with_its_message",
    f"client_id = {CLIENT_SQL} and visibility = 'public' and {_ITS_MESSAGE}",
    lambda scope: (
        Q(client_id=scope.client_id, visibility="public")
        & (Q(message__confidential_to=None) | Q(message__confidential_to=scope.contact_id))
    ),
    ("client_id", "visibility", "message_id"),
)


class Attachment(TenantModel):
    """A file of a message. Without one it is held: whoever chose it still has it in their composer, and nobody else sees it.

    `visibility` is the message's, on this row and on its files alike: the wall asks each of them.
    """

    portal = _WITH_ITS_MESSAGE

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
