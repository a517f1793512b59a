"""Putting mail into the outbox, sending it, taking in what comes, and deciding about what went wrong."""

from __future__ import annotations

from .decisions import cancel_mail, mark_as_sent, send_again
from .giving import give_mail
from .history import keep_past
from .incoming import Arrival, end_by_hand, ignore_message, keep_arrival, read_again
from .mailboxes import add_mailbox, change_mailbox, renew_hook, try_mailbox
from .news import queue_news
from .queueing import queue_letter, queue_mail
from .settings import save_settings, send_test

__all__ = [
    "Arrival",
    "add_mailbox",
    "cancel_mail",
    "change_mailbox",
    "end_by_hand",
    "give_mail",
    "ignore_message",
    "keep_arrival",
    "keep_past",
    "mark_as_sent",
    "queue_letter",
    "queue_mail",
    "queue_news",
    "read_again",
    "renew_hook",
    "save_settings",
    "send_again",
    "send_test",
    "try_mailbox",
]
