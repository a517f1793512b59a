"""What comes in: the mailboxes of a shop, the addresses of all of them, and each message from its bytes to what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.mail.choices import (
    INCOMING_OPEN,
    AfterTaking,
    ImapSecurity,
    IncomingState,
    InDoor,
    MailboxKind,
    MailboxState,
    Nature,
    Problem,
    SignInWith,
)
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.ids import new_id
from msp.tenancy.models import Tenant, TenantModel


class Mailbox(TenantModel):
    """An address that people write to, and how its mail reaches us. Secrets are sealed for this row."""

    SECRETS: ClassVar[tuple[str, ...]] = ("password", "client_secret", "refresh_token", "access_token")

    kind = models.CharField(_("how mail comes in"), max_length=10, choices=MailboxKind.choices)
    address = models.EmailField(_("address"), help_text=_("What people write to; answers to our mail go there."))
    is_active = models.BooleanField(_("takes mail"), default=True)
    is_main = models.BooleanField(_("the shop's main mailbox"), default=False)
    plus_works = models.BooleanField(_("the address takes additions"), default=False)
    acknowledges = models.BooleanField(_("acknowledge new requests"), default=True)
    trusted_server = models.CharField(_("name of our receiving server"), max_length=253, blank=True)
    believes_staff = models.BooleanField(_("staff may answer clients by mail"), default=False)
    # IMAP
    host = models.CharField(_("server"), max_length=253, blank=True)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("encryption"), max_length=10, choices=ImapSecurity.choices, default=ImapSecurity.TLS)
    user = models.CharField(_("user name"), max_length=200, blank=True)
    sign_in = models.CharField(
        _("sign in with"), max_length=10, choices=SignInWith.choices, default=SignInWith.PASSWORD
    )
    password_sealed = models.TextField(blank=True, editable=False)
    token_url = models.CharField(_("token address"), max_length=300, blank=True, validators=[URLValidator()])
    oauth_client = models.CharField(_("client id"), max_length=200, blank=True)
    oauth_scope = models.CharField(_("scope"), max_length=300, blank=True)
    client_secret_sealed = models.TextField(blank=True, editable=False)
    refresh_token_sealed = models.TextField(blank=True, editable=False)
    access_token_sealed = models.TextField(blank=True, editable=False)
    access_until = models.DateTimeField(null=True, editable=False)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    takes_old = models.BooleanField(_("take what lies there already"), default=False)
    after = models.CharField(_("afterwards"), max_length=10, choices=AfterTaking.choices, default=AfterTaking.SEEN)
    move_to = models.CharField(_("folder for taken mail"), max_length=200, blank=True)
    # where we are in the folder: everything up to `last_uid` of this `uid_validity` is kept here or was there before us
    uid_validity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    begun_at = models.DateTimeField(null=True, editable=False)
    old_up_to = models.BigIntegerField(default=0, editable=False)  # what a renumbered folder held when we met it again
    # HTTP
    secret_hash = models.CharField(max_length=64, blank=True, editable=False)
    # how it goes
    state = models.CharField(max_length=10, choices=MailboxState.choices, default=MailboxState.NEW, editable=False)
    last_error = models.TextField(blank=True, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    worked_at = models.DateTimeField(null=True, editable=False)
    taken_at = models.DateTimeField(null=True, editable=False)  # when the last message came in
    created_at = models.DateTimeField(editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        indexes = [models.Index(fields=["tenant", "address"], name="mailbox_address")]
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_main=True), name="mailbox_one_main"),
            models.CheckConstraint(condition=~Q(kind="imap") | ~Q(host="") & ~Q(user=""), name="mailbox_imap_server"),
            models.CheckConstraint(condition=~Q(after="move") | ~Q(move_to=""), name="mailbox_move_where"),
        ]

    def __str__(self) -> str:
        return self.address

    def place_of(self, secret: str) -> tuple[str, ...]:
        """Where one of SECRETS is sealed for."""
        return ("mail.Mailbox", str(self.tenant_id), str(self.pk), secret)


class MailboxPoll(DueRow):
    """When a fetched mailbox is looked into next. One row each, open for ever: an error is shown on the mailbox."""

    mailbox = TenantForeignKey(Mailbox, on_delete=models.CASCADE, related_name="polls")

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("look into a mailbox")
        verbose_name_plural = _("looks into mailboxes")
        indexes = due_indexes("mailboxpoll")
        constraints = [
            due_constraint("mailboxpoll"),
            models.UniqueConstraint(fields=["tenant", "mailbox"], name="mailboxpoll_one"),
        ]

    def __str__(self) -> str:
        return str(self.mailbox)


class InboundAddress(models.Model):
    """An address of the SMTP door, of whichever shop. Global: it is looked up before any shop is known."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.EmailField(unique=True)  # in lower case, without an addition behind a plus
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    mailbox_id = models.UUIDField()

    def __str__(self) -> str:
        return self.address


class InboundMessage(DueRow):
    """A message that came in. Its bytes are committed before anybody reads, flags or moves it.

    `raw` holds small ones, `raw_file` the path and hash of big ones (docs/decisions/0070). `dedupe_key` makes taking the same
    delivery twice one row. What it became is told by `outcome` and `url`, for the tray.
    """

    open_states: ClassVar[tuple[str, ...]] = INCOMING_OPEN
    dead_state: ClassVar[str] = IncomingState.FAILED

    mailbox = TenantForeignKey(Mailbox, on_delete=models.PROTECT, related_name="messages")
    state = models.CharField(max_length=12, choices=IncomingState.choices, default=IncomingState.RECEIVED)
    door = models.CharField(max_length=10, choices=InDoor.choices)
    received_at = models.DateTimeField()
    raw = models.BinaryField(null=True, editable=False)
    raw_path = models.CharField(max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField()  # bytes, also of a message of which only the head is kept
    head_only = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)  # of the bytes that are kept
    dedupe_key = models.CharField(max_length=100)
    uid = models.BigIntegerField(null=True)
    uid_validity = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)  # when it was flagged or moved on its server
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = models.CharField(max_length=320, blank=True)
    # what reading it gave
    message_id = models.CharField(max_length=998, blank=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.TextField(blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    from_address = models.CharField(max_length=254, blank=True)
    to = ArrayField(models.CharField(max_length=320), default=list)  # everybody it names as a reader
    subject = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)  # sanitised; shown only sandboxed
    nature = models.CharField(max_length=12, choices=Nature.choices, default=Nature.PERSONAL)
    reading = models.JSONField(default=dict)  # the rest: rules.reading.Read without what stands in columns
    # what became of it
    outcome = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=300, blank=True)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("incoming message")
        verbose_name_plural = _("incoming messages")
        indexes = [
            *due_indexes("inboundmessage", INCOMING_OPEN),
            models.Index(fields=["tenant", "-received_at", "-id"], name="inboundmessage_newest"),
            models.Index(fields=["tenant", "state", "-received_at", "-id"], name="inboundmessage_state_new"),
            models.Index(fields=["tenant", "from_address", "-received_at"], name="inboundmessage_sender"),
            models.Index(
                fields=["tenant", "mailbox", "uid"],
                name="inboundmessage_unsettled",
                condition=Q(settled_at=None, uid__isnull=False),
            ),
        ]
        constraints = [
            due_constraint("inboundmessage", INCOMING_OPEN),
            models.UniqueConstraint(fields=["tenant", "mailbox", "dedupe_key"], name="inboundmessage_once"),
            models.CheckConstraint(
                condition=Q(raw__isnull=False, raw_path="") | Q(raw=None) & ~Q(raw_path=""), name="inboundmessage_raw"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.from_address or self.envelope_from or str(_("unread message"))

    @property
    def sender(self) -> str:
        """Who it says it is from, in words."""
        return f"{self.from_name} <{self.from_address}>" if self.from_name else self.from_address or self.envelope_from

    @property
    def problems(self) -> list[str]:
        """What the reading had to put up with, in words."""
        labels = dict(Problem.choices)
        codes = dict.fromkeys(str(each).partition(":")[0] for each in self.reading.get("problems", []))
        return [str(labels[code]) for code in codes if code in labels]


class InboundPart(TenantModel):
    """A file that came with a message, in its order. `content_id` is how the HTML names a picture.

    It says where its bytes lie, as a StoredFile does; whoever takes the message makes it a file that its people may see.
    """

    message = TenantForeignKey(InboundMessage, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    content_id = models.CharField(max_length=200, blank=True)
    is_inline = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "message", "position"], name="inbound_part_order")]

    def __str__(self) -> str:
        return self.name
