"""What was said on a ticket, to the client and among the team."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self, TypedDict

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Contact
from msp.accounts.models import Membership
from msp.mail.models import InboundMessage
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.ids import new_id
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import CLIENT_SQL, CONTACT_SQL, PortalRule
from tickets.choices import Visibility

from .tickets import Ticket


class Recipient(TypedDict):
    """Someone a public reply was mailed to, as they were called then."""

    name: str
    email: str


class MessageQuerySet(TenantQuerySet["Message"]):
    def standing(self) -> Self:
        """What was not taken back."""
        return self.filter(withdrawn_at=None)

    def shown_to_client(self, now: datetime) -> Self:
        """Public messages whose time to be taken back has passed."""
        return self.standing().filter(visibility=Visibility.PUBLIC, visible_at__lte=now)


_SAID_TO_THEM = PortalRule(
    "public_in_confidence",
    f"client_id = {CLIENT_SQL} and visibility = 'public' and (confidential_to_id is null or confidential_to_id = {CONTACT_SQL})",
    lambda scope: (
        Q(client_id=scope.client_id, visibility="public")
        & (Q(confidential_to=None) | Q(confidential_to=scope.contact_id))
    ),
    ("client_id", "visibility", "confidential_to_id"),
)


class Message(TenantModel):
    """One turn of the conversation: a public reply, or a note for the team.

    A reply stays unseen by the client until `visible_at`; taken back before, it becomes internal, so that the wall hides it.
    """

    portal = _SAID_TO_THEM

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    author = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)
    confidential_to = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)  # as the ticket
    author_name = models.CharField(max_length=120)
    body = models.TextField(_("message"))
    recipients = models.JSONField[list[Recipient]](default=list)  # frozen when it was sent
    form_key = models.UUIDField(default=new_id)  # one form sent twice is one message
    at = models.DateTimeField()
    visible_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    mail = TenantForeignKey(InboundMessage, on_delete=models.PROTECT, related_name="+", null=True)  # that it came by
    folded = models.TextField(blank=True)  # the end of that mail that says nothing new: quotes, a signature

    objects: ClassVar = TenantManager.from_queryset(MessageQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "ticket", "at"], name="message_thread"),
            models.Index(fields=["tenant", "mail"], name="message_mail", condition=Q(mail__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ticket", "form_key"], name="message_once"),
            models.CheckConstraint(
                condition=Q(visibility="public") | Q(contact=None), name="message_contact_writes_in_public"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(visibility="internal"), name="message_withdrawn_is_internal"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip("\n") for part in self.body.split("\n\n") if part.strip()]

    def can_be_taken_back(self, now: datetime) -> bool:
        return self.withdrawn_at is None and now < self.visible_at
