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
