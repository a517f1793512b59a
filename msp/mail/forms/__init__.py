"""What a person types about mail."""

from __future__ import annotations

from .outgoing import MailSettingsForm

__all__ = ["MailSettingsForm"]
