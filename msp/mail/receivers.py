"""Mail that accounts, below, asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msp.accounts.rules import Letter

from .actions import queue_letter


def on_letter_written(*, letter: Letter, now: datetime, **_: Any) -> None:
    queue_letter(letter=letter, now=now)
