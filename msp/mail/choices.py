"""States of a message on its way out, and how its server is reached."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    """`sending` is the moment between handing the last byte over and hearing what the server says to it.

    A message that never leaves that moment is `unknown`: the server may have it or not, and a person decides.
    """

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    CAPTURED = "captured", _("Kept here")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Perhaps sent")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (MailState.QUEUED, MailState.SENDING)
WRONG = (MailState.FAILED, MailState.UNKNOWN)

TRANSITIONS: dict[MailState, frozenset[MailState]] = {
    MailState.QUEUED: frozenset({MailState.SENDING, MailState.CAPTURED, MailState.FAILED, MailState.CANCELLED}),
    MailState.SENDING: frozenset({MailState.QUEUED, MailState.SENT, MailState.FAILED, MailState.UNKNOWN}),
    MailState.FAILED: frozenset({MailState.QUEUED, MailState.CANCELLED}),
    MailState.UNKNOWN: frozenset({MailState.QUEUED, MailState.SENT}),
    MailState.CAPTURED: frozenset({MailState.QUEUED}),
    MailState.SENT: frozenset(),
    MailState.CANCELLED: frozenset(),
}


class Security(models.TextChoices):
    STARTTLS = "starttls", _("STARTTLS (usual, port 587)")
    TLS = "tls", _("TLS from the start (port 465)")
    NONE = "none", _("None (only inside one's own network)")


class MailboxKind(models.TextChoices):
    """How mail to an address reaches us."""

    IMAP = "imap", _("We fetch it (IMAP)")
    FORWARD = "forward", _("Your server forwards it to us (SMTP)")
    HTTP = "http", _("A mail provider posts it to us (HTTP)")


class ImapSecurity(models.TextChoices):
    TLS = "tls", _("TLS from the start (port 993)")
    STARTTLS = "starttls", _("STARTTLS (port 143)")
    NONE = "none", _("None (only inside one's own network)")


class SignInWith(models.TextChoices):
    PASSWORD = "password", _("User name and password")
    OAUTH2 = "oauth2", _("OAuth2 (Google, Microsoft)")


class AfterTaking(models.TextChoices):
    """What happens to a fetched message on its server, once it is kept here."""

    SEEN = "seen", _("Mark it as read")
    MOVE = "move", _("Move it to a folder")
    LEAVE = "leave", _("Leave it as it is")


class MailboxState(models.TextChoices):
    NEW = "new", _("Not tried yet")
    WORKS = "works", _("Works")
    FAILING = "failing", _("Does not work")


class IncomingState(models.TextChoices):
    """`received`: its bytes are kept. `parsed`: it was read. Then somebody took it, nobody had to, or a person must look."""

    RECEIVED = "received", _("Received")
    PARSED = "parsed", _("Read")
    HANDLED = "handled", _("Handled")
    IGNORED = "ignored", _("Ignored")
    FAILED = "failed", _("Needs a person")


INCOMING_OPEN = (IncomingState.RECEIVED, IncomingState.PARSED)

INCOMING_TRANSITIONS: dict[IncomingState, frozenset[IncomingState]] = {
    IncomingState.RECEIVED: frozenset({IncomingState.PARSED, IncomingState.FAILED, IncomingState.IGNORED}),
    IncomingState.PARSED: frozenset({IncomingState.HANDLED, IncomingState.IGNORED, IncomingState.FAILED}),
    IncomingState.FAILED: frozenset({IncomingState.RECEIVED, IncomingState.IGNORED, IncomingState.HANDLED}),
    IncomingState.IGNORED: frozenset({IncomingState.RECEIVED, IncomingState.HANDLED}),
    IncomingState.HANDLED: frozenset(),
}


class InDoor(models.TextChoices):
    IMAP = "imap", _("IMAP")
    SMTP = "smtp", _("SMTP")
    HTTP = "http", _("HTTP")


class Nature(models.TextChoices):
    """What kind of a message it is, judged by its headers. See rules/nature.py."""

    PERSONAL = "personal", _("Written by a person")
    NOTICE = "notice", _("Notice of a machine")
    BULK = "bulk", _("Mailing list or newsletter")
    AUTO_REPLY = "auto_reply", _("Automatic reply")
    BOUNCE = "bounce", _("Report of a mail server")
    RECEIPT = "receipt", _("Read receipt")


class Problem(models.TextChoices):
    """What the reading of a message had to put up with; a detail may follow behind a colon."""

    STRUCTURE = "structure", _("Its structure cannot be read, so this is its source")
    HEADERS = "headers", _("Some of its headers cannot be read")
    BODY = "body", _("A part of it cannot be read")
    PARTS = "parts", _("It has more parts than are shown here")
    CHARSET = "charset", _("It is written in a character set that nobody knows, so characters may be wrong")
    WINMAIL = "winmail", _("Its winmail.dat cannot be opened")
    LONG_TEXT = "long_text", _("Its text is longer than is shown here")
    LONG_HTML = "long_html", _("Its HTML is too long to be shown")
    HTML = "html", _("Its HTML cannot be shown")
    TOO_BIG = "too_big", _("It is bigger than the limit, so only its head was fetched; the rest lies in the mailbox")
