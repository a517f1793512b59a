"""The outbox: one row a message, and a shop's way of sending."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from msp.files.models import StoredFile
from msp.jobs.models import DueRow, GlobalDueRow, due_constraint, due_index, due_indexes
from msp.mail.choices import OPEN, WRONG, MailState, Security
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel


class MailSettings(TenantModel):
    """One row a shop: its name on mail, where answers go, and its own server when it has one.

    The password is sealed (msp.tenancy.secretbox) for this row's shop.
    """

    from_name = models.CharField(_("sender's name"), max_length=120, blank=True)
    reply_to = models.EmailField(_("answers go to"), blank=True)
    own_server = models.BooleanField(_("send through our own mail server"), default=False)
    from_address = models.EmailField(_("sender's address"), blank=True)
    host = models.CharField(_("server"), max_length=253, blank=True)
    port = models.PositiveIntegerField(_("port"), default=587)
    security = models.CharField(_("encryption"), max_length=10, choices=Security.choices, default=Security.STARTTLS)
    user = models.CharField(_("user name"), max_length=200, blank=True)
    password_sealed = models.TextField(blank=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="mail_settings_one"),
            models.CheckConstraint(
                condition=Q(own_server=False) | ~Q(host="") & ~Q(from_address=""), name="mail_settings_server"
            ),
        ]

    def __str__(self) -> str:
        return self.from_name

    @property
    def password_place(self) -> tuple[str, ...]:
        return ("mail.MailSettings", str(self.tenant_id), "password")


class Message(models.Model):
    """What both outboxes keep of a message. Its Message-ID is given when it is written and stays through every try."""

    open_states: ClassVar[tuple[str, ...]] = OPEN
    dead_state: ClassVar[str] = MailState.FAILED
    lost_states: ClassVar[tuple[str, ...]] = WRONG

    state = models.CharField(max_length=12, choices=MailState.choices, default=MailState.QUEUED)
    to = ArrayField(models.EmailField())
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=200)
    reply = models.TextField(blank=True)  # the server's last words
    refused = models.JSONField(default=dict)  # address -> the server's words, of a message that others got
    created_at = models.DateTimeField()
    good_until = models.DateTimeField(null=True, blank=True)  # what it says is worth nothing afterwards

    class Meta:
        abstract = True

    @property
    def lets_in(self) -> bool:
        """Whether the text lets somebody in. An outbox that does not say so wipes its texts."""
        return True

    @property
    def can_be_sent_again(self) -> bool:
        """Whether a person may let a message at rest be sent once more."""
        return False

    def is_too_late(self, now: datetime) -> bool:
        return self.good_until is not None and self.good_until <= now

    def give_up(self, now: datetime) -> tuple[str, ...]:
        """A message at its last byte may have arrived."""
        self.state = MailState.UNKNOWN if self.state == MailState.SENDING else MailState.FAILED
        return self.forget(now)

    def forget(self, now: datetime) -> tuple[str, ...]:
        """Wipe a text that lets somebody in once nobody can send it any more; unsaved. Returns the fields that changed."""
        if not self.lets_in or (self.can_be_sent_again and not self.is_too_late(now)):
            return ()
        self.text = self.html = ""
        return ("text", "html")


class OutgoingMail(Message, DueRow):
    """A message of a shop. `purpose_key` says what it is for, once and for ever: asking again makes no second one.

    `secret`: its text lets somebody in. Nobody is shown it, and it is wiped once it cannot be sent any more.
    """

    purpose_key = models.CharField(max_length=200)
    client_id = models.UUIDField(null=True, blank=True)
    cc = ArrayField(models.EmailField(), default=list)
    reply_to = models.EmailField(blank=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.TextField(blank=True)
    automatic = models.BooleanField(default=True)  # written by a machine: vacation notices must not answer it
    secret = models.BooleanField(default=False)
    repeats = models.PositiveSmallIntegerField(default=0)  # how often a person sent it again after `unknown`

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            *due_indexes("outgoingmail", OPEN),
            models.Index(fields=["tenant", "-created_at", "-id"], name="outgoingmail_newest"),
            models.Index(fields=["tenant", "state", "-created_at", "-id"], name="outgoingmail_state_newest"),
        ]
        constraints = [
            due_constraint("outgoingmail", OPEN),
            models.UniqueConstraint(fields=["tenant", "purpose_key"], name="outgoingmail_purpose_once"),
            models.CheckConstraint(condition=Q(repeats__lte=1), name="outgoingmail_one_repeat"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def recipients(self) -> list[str]:
        return [*self.to, *self.cc]

    @property
    def lets_in(self) -> bool:
        return self.secret

    @property
    def can_be_sent_again(self) -> bool:
        """At most one repeat of a message that may have arrived; a failed or kept one surely did not."""
        if self.state == MailState.UNKNOWN:
            return self.repeats == 0
        return self.state in (MailState.FAILED, MailState.CAPTURED) and bool(self.text)

    @property
    def is_wrong(self) -> bool:
        return self.state in WRONG


class MailAttachment(TenantModel):
    """A stored file that goes with a message, in its order."""

    mail = TenantForeignKey(OutgoingMail, on_delete=models.CASCADE, related_name="attachments")
    file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "mail", "position"], name="mail_attachment_order")]

    def __str__(self) -> str:
        return f"{self.mail_id} {self.position}"


class SignInMail(Message, GlobalDueRow):
    """A message to somebody who belongs to no shop: a code, a reset. Global, and wiped once it rests."""

    class Meta:
        indexes = [
            due_index("signinmail", OPEN),
            models.Index(fields=["-created_at", "-id"], name="signinmail_newest"),
        ]
        constraints = [due_constraint("signinmail", OPEN)]

    def __str__(self) -> str:
        return self.subject
