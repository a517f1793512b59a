"""Hours of a day as people write them."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

register = template.Library()


@register.filter
def spans(windows: Iterable[tuple[int, int]]) -> str:
    """Windows in minutes after midnight: 09:00-12:00, 13:00-17:30."""
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in windows)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
