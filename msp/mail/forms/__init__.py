"""What a person types about mail."""

from __future__ import annotations

from .mailboxes import IgnoreForm, MailboxForm
from .outgoing import MailSettingsForm

__all__ = ["IgnoreForm", "MailSettingsForm", "MailboxForm"]
