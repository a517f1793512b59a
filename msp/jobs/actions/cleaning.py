"""Deleting what nobody needs any more, now and then."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection

from msp.jobs.registry import CLEANINGS

_EXPIRED = "delete from {table} where expires < %s"
PAUSE = 3600  # seconds between two cleanings of the installation, however often they are asked for

logger = logging.getLogger(__name__)


def clean(now: datetime) -> bool:
    """Run every cleaning, once an hour over all processes and machines. One's failure leaves the others alone.

    Returns whether it was time.
    """
    if not cache.add("jobs.cleaned", now.isoformat(), PAUSE):
        return False
    for cleaning in CLEANINGS:
        try:
            cleaning(now)
        except Exception:
            logger.exception("%s failed", cleaning.__qualname__)
    return True


def delete_expired_cache_entries(now: datetime) -> int:
    """Limits and codes that count no more: Django deletes only those that somebody asks for again."""
    table = connection.ops.quote_name(settings.CACHES["default"]["LOCATION"])
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRED.format(table=table), [now])
        return int(cursor.rowcount)


def delete_expired_sessions(now: datetime) -> int:
    """Sessions of browsers that never came back to sign out."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]
