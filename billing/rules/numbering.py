"""How a document number is written."""

from __future__ import annotations

import re

_DIGITS = 4


def written(prefix: str, year: int | None, sequence: int) -> str:
    """The number as printed: INV-0042, or INV-2026-0042 where a new count begins each year."""
    return f"{prefix}{f'{year}-' if year else ''}{sequence:0{_DIGITS}d}"


def may_write_the_same(prefix: str, by_year: bool, other_prefix: str, other_year: int | None) -> bool:
    """Whether a count with these settings could, in some year, write a number that another count has written.

    INV- by year and INV-2026- without one both write INV-2026-0001; N- and N-1 meet at N-10001.
    """
    before = written(other_prefix, other_year, 0)[:-_DIGITS]
    if by_year:
        is_own = prefix == other_prefix and other_year is not None
        return not is_own and re.fullmatch(rf"{re.escape(prefix)}\d{{4}}-\d*", before) is not None
    is_own = prefix == other_prefix and other_year is None
    short, long = sorted((prefix, before), key=len)
    return not is_own and re.fullmatch(rf"{re.escape(short)}\d*", long) is not None
