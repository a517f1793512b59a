"""Every route of the URL configuration, with its door and the names of what its address asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from msp.accounts.doors import Door, door_of


@dataclass(frozen=True)
class Route:
    """`name` carries its namespaces, `pattern` is written from the root, `kwargs` are the names in it."""

    name: str
    pattern: str
    view: Callable[..., Any]
    kwargs: tuple[str, ...]

    def __str__(self) -> str:
        return self.name or self.pattern

    @property
    def door(self) -> Door | None:
        return door_of(self.view, self.pattern)

    @property
    def is_api(self) -> bool:
        return self.door is not None and self.door.kind == "token"

    def path(self, values: Mapping[str, Any]) -> str:
        """The address of the route. Raises NoReverseMatch for a value that does not fit, or an unnamed route with values."""
        if not self.name:
            if self.kwargs:
                raise NoReverseMatch(f"{self.pattern} has no name")
            return f"/{self.pattern}"
        return reverse(self.name, kwargs={name: values[name] for name in self.kwargs})


def all_routes(urlconf: str | None = None) -> list[Route]:
    """Every route, those of included libraries, too. Static files are served before any view and are none."""
    return list(_walk(get_resolver(urlconf).url_patterns, "", (), ()))


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str, spaces: tuple[str, ...], kwargs: tuple[str, ...]
) -> Iterator[Route]:
    for entry in patterns:
        pattern, asked = prefix + str(entry.pattern), kwargs + _kwargs(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry.url_patterns, pattern, inner, asked)
        else:
            name = ":".join((*spaces, entry.name)) if entry.name else ""
            yield Route(name, pattern, entry.callback, asked)


def _kwargs(pattern: Any) -> tuple[str, ...]:
    return tuple(getattr(pattern, "converters", None) or pattern.regex.groupindex)
