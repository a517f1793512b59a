"""Every change to tickets, their conversation and the time on them."""

from __future__ import annotations

from .aftermath import answer_rating, contact_actor, rate_ticket
from .around import link_assets, unwatch, watch
from .attachments import attach, hold_files, keep_files, keep_uploads, let_go
from .by_hand import know_sender, open_from_mail
from .calls import take_call
from .care import end_boost, keep_apart, let_meet, look_at_boost, start_boost
from .changing import change_ticket
from .clocks import move_next_update, promise_next_update
from .family import add_children, answer_children, remove_child, take_back_answers
from .intake import take_in_mail
from .kinds import answer_fields, change_category, put_label, take_label
from .machine_notes import note_by_machine
from .merging import UNDO_FOR as UNMERGE_FOR
from .merging import merge_ticket, unmerge_ticket
from .messages import (
    add_note,
    close_as_contact,
    confirm_solved,
    reply_as_contact,
    reply_publicly,
    take_back_note,
    take_back_reply,
)
from .presence import be_present
from .recurring import end_recurring, pause_recurring, save_recurring, skip_next
from .sla import (
    Targets,
    archive_policy,
    ask_exclusion,
    assign_policy,
    change_policy,
    create_default_policy,
    create_policy,
    decide_exclusion,
    explain_breach,
    make_default_policy,
    note_supplier,
)
from .sorting import sort_ticket
from .tasks import OpenTasks, add_task, add_tasks_of, change_task, drop_task, raise_task, tick_task
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
from .trouble import ask_for_time, bring_in, escalate, open_rework
from .weeks import approve_week, return_week, submit_week
from .weights import weigh
from .words import archive_word, restore_word, save_ticket_settings, save_word

__all__ = [
    "UNMERGE_FOR",
    "OpenTasks",
    "Targets",
    "add_children",
    "add_note",
    "add_task",
    "add_tasks_of",
    "answer_children",
    "answer_fields",
    "answer_rating",
    "approve_week",
    "archive_policy",
    "archive_word",
    "ask_exclusion",
    "ask_for_time",
    "assign_policy",
    "assign_ticket",
    "attach",
    "be_present",
    "bring_in",
    "change_about",
    "change_category",
    "change_policy",
    "change_priority",
    "change_status",
    "change_task",
    "change_ticket",
    "change_time",
    "close_as_contact",
    "confirm_solved",
    "contact_actor",
    "create_default_policy",
    "create_policy",
    "decide_exclusion",
    "delete_time",
    "drop_task",
    "end_boost",
    "end_recurring",
    "escalate",
    "explain_breach",
    "hold_files",
    "keep_apart",
    "keep_files",
    "keep_uploads",
    "know_sender",
    "let_go",
    "let_meet",
    "link_assets",
    "lock_time",
    "log_time",
    "look_at_boost",
    "make_default_policy",
    "merge_ticket",
    "move_next_update",
    "note_by_machine",
    "note_supplier",
    "open_from_mail",
    "open_rework",
    "open_ticket",
    "pause_recurring",
    "pause_timer",
    "promise_next_update",
    "put_label",
    "raise_task",
    "rate_ticket",
    "remove_child",
    "reply_as_contact",
    "reply_publicly",
    "restore_status",
    "restore_word",
    "resume_timer",
    "return_week",
    "rewrite_subject",
    "rewrite_summary",
    "save_recurring",
    "save_ticket_settings",
    "save_word",
    "skip_next",
    "sort_ticket",
    "start_boost",
    "start_timer",
    "stop_timer",
    "submit_week",
    "take_back_answers",
    "take_back_note",
    "take_back_reply",
    "take_call",
    "take_in_mail",
    "take_label",
    "tick_task",
    "unlock_time",
    "unmerge_ticket",
    "unwatch",
    "watch",
    "weigh",
]
