"""Row keys: UUIDv7 (RFC 9562, section 5.7), so that no sequence tells one shop of another's activity."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_RANDOM_BITS = 74
_TENANT_LIMIT = 2**53  # the largest integer that a JavaScript client keeps exact


def uuid7(milliseconds: int, randomness: int) -> UUID:
    """The UUIDv7 of a Unix time in milliseconds (48 bits) and 74 bits of randomness.

    Raises ValueError when either does not fit.
    """
    if not 0 <= milliseconds < 2**48 or not 0 <= randomness < 2**_RANDOM_BITS:
        raise ValueError("time must fit 48 bits and randomness 74 bits")
    high, low = randomness >> 62, randomness & (2**62 - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def _from_the_clock() -> UUID:
    return uuid7(time.time_ns() // 1_000_000, secrets.randbits(_RANDOM_BITS))


_source: ContextVar[Callable[[], UUID]] = ContextVar("id_source", default=_from_the_clock)


def id_from(text: str) -> UUID | None:
    """The key that somebody typed or sent; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def new_id() -> UUID:
    """A key for a new row: the default of every tenant table's primary key."""
    return _source.get()()


@contextmanager
def ids_from(source: Callable[[], UUID]) -> Iterator[None]:
    """Take keys from `source` inside the block, so that a seeded demo gets the same keys every time."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def new_tenant_id() -> int:
    """A random bigint in 1..2^53-1: shops cannot be counted from their ids."""
    return secrets.randbelow(_TENANT_LIMIT - 1) + 1
