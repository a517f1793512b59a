"""Deploy check: the installation can send mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def check_server(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Codes, resets and invitations go through the installation's own server: without one nobody is let in by mail."""
    if settings.MAIL_HOST or settings.MAIL_CAPTURE:
        return []
    return [
        checks.Warning(
            "No mail server is set: no code, reset, invitation or reply leaves this installation",
            hint="Set MAIL_HOST (docs/operations.md, Mail), or MAIL_CAPTURE=1 where that is meant.",
            id="mail.W001",
        )
    ]
