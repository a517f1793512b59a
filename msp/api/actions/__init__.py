"""Every change to tokens, and what is remembered of requests. One module a subject."""

from __future__ import annotations

from .limits import count_failure
from .replays import OtherRequest, begin_replay, delete_old_replays, keep_answer
from .tokens import AlreadyMade, make_token, note_use, revoke_token

__all__ = [
    "AlreadyMade",
    "OtherRequest",
    "begin_replay",
    "count_failure",
    "delete_old_replays",
    "keep_answer",
    "make_token",
    "note_use",
    "revoke_token",
]
