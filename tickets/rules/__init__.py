"""Pure rules of the service desk: no database. One module a subject."""

from __future__ import annotations

from .desk import (
    LONGEST_ENTRY,
    PRESENT_FOR,
    SHORTEST_GAP,
    UNDO_SECONDS,
    Along,
    Before,
    Clock,
    Refused,
    Stale,
    Stretch,
    day_bounds,
    gaps_between,
    queue_at,
    status_after,
    waiting_since,
    within,
)

__all__ = [
    "LONGEST_ENTRY",
    "PRESENT_FOR",
    "SHORTEST_GAP",
    "UNDO_SECONDS",
    "Along",
    "Before",
    "Clock",
    "Refused",
    "Stale",
    "Stretch",
    "day_bounds",
    "gaps_between",
    "queue_at",
    "status_after",
    "waiting_since",
    "within",
]
