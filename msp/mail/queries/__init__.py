"""Questions about mail that take more than one row."""

from __future__ import annotations

from .outgoing import (
    installation_sender,
    installation_server,
    logo_of_shop,
    look_of_shop,
    mail_settings,
    outbox,
    sender_of_shop,
    shows_secrets,
    sign_in_outbox,
    wrong_mail,
)

__all__ = [
    "installation_sender",
    "installation_server",
    "logo_of_shop",
    "look_of_shop",
    "mail_settings",
    "outbox",
    "sender_of_shop",
    "shows_secrets",
    "sign_in_outbox",
    "wrong_mail",
]
