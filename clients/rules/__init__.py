"""Pure rules of the client records: no database. One module a subject."""

from __future__ import annotations

from .slugs import free_slug

__all__ = [
    "free_slug",
]
