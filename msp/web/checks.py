"""System check: nobody else can reach the demo's people, whose passwords are public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from .demo.logins import with_public_password


@checks.register(checks.Tags.database)
def check_demo(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Where others can come, the demo's people must not be able to sign in."""
    if settings.PRIVATE or "default" not in (databases or ()):
        return []
    emails = with_public_password()
    if not emails:
        return []
    return [
        checks.Error(
            f"{len(emails)} people of the demo, such as {emails[0]}, can sign in here with a password that everybody knows",
            hint="Start with an empty database (another MAINSTAY_DATA, or ./mainstay reset), or keep to this machine.",
            id="web.E001",
        )
    ]
