"""Pure rules of the client records: no database. One module a subject."""

from __future__ import annotations

from .promises import DUE, NotPossible, Stage, Step
from .slugs import free_slug

__all__ = [
    "DUE",
    "NotPossible",
    "Stage",
    "Step",
    "free_slug",
]
