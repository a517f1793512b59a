"""A person's notifications, the mail they come by, and pages to people on call."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from msp.accounts.models import Membership
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .choices import ByMail, DeskState


class Notification(TenantModel):
    """Something a person should know. What comes under the same `key` while it is unread becomes part of it."""

    to = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    words = models.CharField(max_length=300)
    url = models.CharField(max_length=300)
    urgent = models.BooleanField(default=False)
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()  # the latest time
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)  # what came after it has not been mailed

    class Meta(TenantModel.Meta):
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [models.Index(fields=["tenant", "to", "-at", "-id"], name="notification_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "to", "key"], condition=Q(read_at=None), name="notification_unread_once"
            ),
            models.CheckConstraint(condition=Q(url__startswith="/"), name="notification_own_page"),
        ]

    def __str__(self) -> str:
        return self.words


class Desk(DueRow):
    """Which news a person wants by mail, and when the next one leaves. Locked first by whatever touches their notifications."""

    open_states = (DeskState.QUEUED,)
    resting_states = (DeskState.RESTING,)
    dead_state = DeskState.DEAD

    state = models.CharField(max_length=12, choices=DeskState.choices, default=DeskState.RESTING)
    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    by_mail = models.CharField(_("news by mail"), max_length=10, choices=ByMail.choices, default=ByMail.URGENT)

    class Meta(DueRow.Meta):
        abstract = False
        indexes = due_indexes("desk", (DeskState.QUEUED,))
        constraints = [
            due_constraint("desk", (DeskState.QUEUED,), (DeskState.RESTING,)),
            models.UniqueConstraint(fields=["tenant", "member"], name="desk_one"),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class PagerMessage(DueRow):
    """A page to a person who is on call: a few words that must reach them now. Once a key."""

    to = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    words = models.CharField(max_length=300)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    sent_by = models.CharField(max_length=80, blank=True)  # the sender's name for itself
    answer = models.TextField(blank=True)  # what its service said

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        indexes = [
            *due_indexes("pagermessage"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="pagermessage_newest"),
        ]
        constraints = [
            due_constraint("pagermessage"),
            models.UniqueConstraint(fields=["tenant", "to", "key"], name="pagermessage_once"),
        ]

    def __str__(self) -> str:
        return self.words
