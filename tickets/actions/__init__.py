"""Every change to tickets, their conversation and the time on them."""

from __future__ import annotations

from .attachments import attach, hold_files, keep_files, keep_uploads, let_go
from .messages import add_note, confirm_solved, reply_as_contact, reply_publicly, take_back_reply
from .tickets import (
    assign_ticket,
    change_about,
    change_priority,
    change_status,
    open_ticket,
    restore_status,
    rewrite_subject,
    rewrite_summary,
)
from .time import change_time, delete_time, lock_time, log_time, unlock_time
from .timers import pause_timer, resume_timer, start_timer, stop_timer

__all__ = [
    "add_note",
    "assign_ticket",
    "attach",
    "change_about",
    "change_priority",
    "change_status",
    "change_time",
    "confirm_solved",
    "delete_time",
    "hold_files",
    "keep_files",
    "keep_uploads",
    "let_go",
    "lock_time",
    "log_time",
    "open_ticket",
    "pause_timer",
    "reply_as_contact",
    "reply_publicly",
    "restore_status",
    "resume_timer",
    "rewrite_subject",
    "rewrite_summary",
    "start_timer",
    "stop_timer",
    "take_back_reply",
    "unlock_time",
]
