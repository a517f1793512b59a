"""Questions about mail that take more than one row."""

from __future__ import annotations

from .incoming import (
    address_of,
    failed_mail,
    is_our_own,
    mailbox_at,
    mailbox_for_answers,
    mailbox_health,
    mailboxes,
    own_addresses,
    tray,
)
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
from .threads import claims_of, thread_token

__all__ = [
    "address_of",
    "claims_of",
    "failed_mail",
    "installation_sender",
    "installation_server",
    "is_our_own",
    "logo_of_shop",
    "look_of_shop",
    "mail_settings",
    "mailbox_at",
    "mailbox_for_answers",
    "mailbox_health",
    "mailboxes",
    "outbox",
    "own_addresses",
    "sender_of_shop",
    "shows_secrets",
    "sign_in_outbox",
    "thread_token",
    "tray",
    "wrong_mail",
]
