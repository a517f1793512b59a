"""Putting mail into the outbox, sending it, and deciding about what went wrong."""

from __future__ import annotations

from .decisions import cancel_mail, mark_as_sent, send_again
from .history import keep_past
from .news import queue_news
from .queueing import queue_letter, queue_mail
from .settings import save_settings, send_test

__all__ = [
    "cancel_mail",
    "keep_past",
    "mark_as_sent",
    "queue_letter",
    "queue_mail",
    "queue_news",
    "save_settings",
    "send_again",
    "send_test",
]
