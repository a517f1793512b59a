"""Telling a shop's own programs what happens: announced by the apps above, sent by workers, looked after by people."""

from __future__ import annotations

from .announcing import announce, recall
from .deliveries import replay, replay_failed, send_test
from .endpoints import (
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    end_old_secret,
    pause_endpoint,
    resume_endpoint,
    rotate_secret,
    show_secret,
)

__all__ = [
    "add_endpoint",
    "announce",
    "change_endpoint",
    "delete_endpoint",
    "end_old_secret",
    "pause_endpoint",
    "recall",
    "replay",
    "replay_failed",
    "resume_endpoint",
    "rotate_secret",
    "send_test",
    "show_secret",
]
