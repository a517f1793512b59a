"""Priorities from impact and urgency, and answers to custom fields as they are kept: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

Kept = str | bool


def weighed(matrix: Sequence[int], impact: int, urgency: int) -> int:
    """The priority in the shop's matrix: nine values, by impact from 1 (everybody) to 3 and within it by urgency from 1 (now) to 3."""
    return matrix[(impact - 1) * 3 + urgency - 1]


def kept_answer(value: Any) -> Kept:
    """What a form cleaned, as JSON keeps it: a date as 2026-11-23, a number as it was written, nothing as an empty text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value or "")


def is_answered(kept: Any) -> bool:
    """Whether somebody said something. A box that was left empty says no, and that is an answer only when it is ticked."""
    return kept is True or (isinstance(kept, str) and kept != "")
