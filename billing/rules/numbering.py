"""How a document number is written."""

from __future__ import annotations

_DIGITS = 4


def written(prefix: str, year: int | None, sequence: int) -> str:
    """The number as printed: INV-0042, or INV-2026-0042 where a new count begins each year."""
    return f"{prefix}{f'{year}-' if year else ''}{sequence:0{_DIGITS}d}"
