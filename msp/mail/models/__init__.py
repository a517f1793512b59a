"""Everything that mail keeps: what goes out, and what comes in."""

from __future__ import annotations

from .incoming import InboundAddress, InboundMessage, InboundPart, Mailbox, MailboxPoll
from .outgoing import MailAttachment, MailSettings, Message, OutgoingMail, SignInMail

__all__ = [
    "InboundAddress",
    "InboundMessage",
    "InboundPart",
    "MailAttachment",
    "MailSettings",
    "Mailbox",
    "MailboxPoll",
    "Message",
    "OutgoingMail",
    "SignInMail",
]
