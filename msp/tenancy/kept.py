"""The few rows that say how a shop works, read once a scope instead of once for each act that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

R = TypeVar("R")


@dataclass
class _Scope:
    """What was read in a scope, by reader; and the tables that were written in it, which are read anew each time."""

    read: dict[Callable[[], Any], Any] = field(default_factory=dict)
    written: set[type] = field(default_factory=set)


_scopes: ContextVar[tuple[_Scope, ...]] = ContextVar("kept_scopes", default=())


@contextmanager
def nothing_kept() -> Iterator[None]:
    """A scope of its own, in which nothing was read yet."""
    token = _scopes.set((*_scopes.get(), _Scope()))
    try:
        yield
    finally:
        _scopes.reset(token)


def kept(*models: type) -> Callable[[Callable[[], R]], Callable[[], R]]:
    """Let a reader of settings run once a scope; everybody gets a copy of what it read, which a form may change.

    Once a row of `models` was written in the scope it reads anew each time: what was written may yet be rolled back. Only for
    what may be as old as the transaction, and never for a row that is about to be changed: lock that.
    """

    def decorate(reader: Callable[[], R]) -> Callable[[], R]:
        @wraps(reader)
        def read() -> R:
            scope = next(reversed(_scopes.get()), None)
            if scope is None or not scope.written.isdisjoint(models):
                return reader()
            if reader not in scope.read:
                scope.read[reader] = reader()
            found: R = copy(scope.read[reader])
            return found

        return read

    return decorate


def was_written(model: type) -> None:
    """Told by the managers: a row of the table was added, changed or deleted."""
    for scope in _scopes.get():
        scope.written.add(model)
