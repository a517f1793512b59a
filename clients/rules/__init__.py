"""Pure rules of the client records: no database. One module a subject."""

from __future__ import annotations

from .promises import DUE, NotPossible, Stage, Step
from .slugs import RESERVED, free_slug, slug_base

__all__ = [
    "DUE",
    "RESERVED",
    "NotPossible",
    "Stage",
    "Step",
    "free_slug",
    "slug_base",
]
