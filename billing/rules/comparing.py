"""What differs between two revisions of a quote: lines by their thread, fields by name. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)


class Fate(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


def compared(
    before: Mapping[K, Mapping[str, Any]], after: Mapping[K, Mapping[str, Any]]
) -> list[tuple[K, Fate, tuple[str, ...]]]:
    """Each line's fate in the order of the newer revision; what was removed comes last, in its old order."""
    found: list[tuple[K, Fate, tuple[str, ...]]] = []
    for key, values in after.items():
        if key not in before:
            found.append((key, Fate.ADDED, ()))
            continue
        fields = differing(before[key], values)
        found.append((key, Fate.CHANGED if fields else Fate.SAME, fields))
    return found + [(key, Fate.REMOVED, ()) for key in before if key not in after]


def differing(before: Mapping[str, Any], after: Mapping[str, Any], names: Sequence[str] = ()) -> tuple[str, ...]:
    """The names whose values differ."""
    return tuple(name for name in names or after if before.get(name) != after.get(name))
