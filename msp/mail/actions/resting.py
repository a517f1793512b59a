"""A server that takes its time rests afterwards, so that no shop's server ever has more than a fifth of a worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.cache import cache
from django.utils.translation import gettext as _

from msp.jobs.rules import Later
from msp.mail.rules import Server

from .smtp import NotNow

SLOW = 5.0  # seconds that any server may take
RESTS = 4  # times as long as it took


def resting(server: Server, now: datetime) -> Later | None:
    """When the server's turn comes again, or None where it is now. Raises NotNow for one that rests because it failed."""
    until, error = cache.get(_key(server)) or (now, "")
    if until <= now:
        return None
    if error:
        raise NotNow(error)  # counts as an attempt: mail for a dead server is not kept for ever
    return Later(until, _("%(host)s is slow; other mail goes first.") % {"host": server.host})


@contextmanager
def timed(server: Server, began_at: datetime) -> Iterator[None]:
    """Let the server rest after a slow block. `began_at` is the time by the row's clock."""
    began, error = time.monotonic(), ""
    try:
        yield
    except NotNow as why:
        error = str(why)
        raise
    finally:
        took = time.monotonic() - began
        if took > SLOW:
            rest = took * RESTS
            cache.set(_key(server), (began_at + timedelta(seconds=took + rest), error), rest)


def _key(server: Server) -> str:
    place = sha256(f"{server.host}:{server.port}".encode()).hexdigest()[:16]
    return f"mail.rest:{server.shop or 0}:{place}"
