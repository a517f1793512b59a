"""Everything that mail keeps."""

from __future__ import annotations

from .outgoing import MailAttachment, MailSettings, Message, OutgoingMail, SignInMail

__all__ = ["MailAttachment", "MailSettings", "Message", "OutgoingMail", "SignInMail"]
