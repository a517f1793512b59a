"""Pages of a long list by key, never by offset: page 2,000 costs what page 1 does.

A cursor is the sort key of a row, in the URL: `?after=…` or `?before=…`. A cursor that somebody typed wrong shows page one.
"""

from __future__ import annotations

import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.dateparse import parse_datetime

R = TypeVar("R", bound=models.Model)


class NoSuchPage(ValueError):
    """A cursor that leads nowhere."""


@dataclass(frozen=True)
class Page(Generic[R]):
    """Rows in list order, and the links to the neighbouring pages: query strings, empty at the ends."""

    rows: list[R]
    previous: str
    next: str

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(
    queryset: models.QuerySet[R],
    *,
    order: Sequence[str],
    params: Mapping[str, str],
    size: int = 50,
    strict: bool = False,
) -> Page[R]:
    """The page that `params` (a request's GET) ask for, `size` rows at most.

    `strict`: raises NoSuchPage for a cursor that somebody typed wrong, where a program would read page one for ever.

    `order` names columns that are never null and together unique, for example `("-number",)` or `("name", "id")`;
    an index should begin with the tenant and go on with them. One query.
    """
    backwards = "before" in params
    cursor = _read(params.get("before") or params.get("after"), len(order))
    direction = [_flip(column) for column in order] if backwards else list(order)
    if cursor is not None:
        try:
            queryset = queryset.filter(_beyond(direction, cursor))
        except (ValidationError, ValueError, TypeError):
            cursor = None
    if strict and cursor is None and ("before" in params or "after" in params):
        raise NoSuchPage
    rows = list(queryset.order_by(*direction)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_before = more if backwards else cursor is not None
    has_after = cursor is not None if backwards else more
    return Page(
        rows,
        _link(params, "before", rows[0], order) if rows and has_before else "",
        _link(params, "after", rows[-1], order) if rows and has_after else "",
    )


def _flip(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) beyond (x, y), written so that an index on (a, b) serves: a at or beyond x, and not the same or earlier pair."""
    found = Q()
    for depth, column in enumerate(order):
        name, way = column.lstrip("-"), "lt" if column.startswith("-") else "gt"
        same = Q(**{order[i].lstrip("-"): values[i] for i in range(depth)})
        found |= same & Q(**{f"{name}__{way}": values[depth]})
    first, way = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{way}": values[0]}) & found


def _link(params: Mapping[str, str], side: str, row: models.Model, order: Sequence[str]) -> str:
    values = [getattr(row, column.lstrip("-")) for column in order]
    cursor = urlsafe_b64encode(json.dumps(values, default=_exactly).encode()).decode().rstrip("=")
    kept = {name: value for name, value in params.items() if name not in {"before", "after"}}
    return "?" + urlencode(kept | {side: cursor})


def _exactly(value: Any) -> str:
    """Times keep their microseconds: a rounded cursor would skip or repeat rows."""
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _read(text: str | None, length: int) -> list[Any] | None:
    if not text:
        return None
    try:
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, list) and len(values) == length and all(map(_is_key, values)) else None


def _is_key(value: Any) -> bool:
    """Whether Postgres can compare a value with a column at all: no NUL, no half of a character, no far-off time zone."""
    match value:
        case str():
            return "\x00" not in value and value == value.encode(errors="ignore").decode() and _is_utc(value)
        case int() | float():
            return math.isfinite(value)
    return False


def _is_utc(text: str) -> bool:
    """Whether a time is as `_link` writes it; what is no time is as well."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return True
    return moment is None or not moment.utcoffset()
