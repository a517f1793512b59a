"""How often an address may come with a token that opens nothing."""

from __future__ import annotations

from hashlib import sha256

from django.core.cache import cache

FAILURES = 60  # of one address within PERIOD
PERIOD = 300  # seconds


def count_failure(address: str) -> bool:
    """Count one, and say whether there were too many. Kept in Postgres, so that a flushed Redis forgets nothing."""
    key = f"api.failed.{sha256(address.encode()).hexdigest()}"
    cache.add(key, 0, PERIOD)
    try:
        return cache.incr(key) > FAILURES
    except ValueError:  # it ran out in between
        return False
