"""Signs of life of workers and schedulers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from msp.jobs.choices import ProcessKind
from msp.jobs.models import Heartbeat

FORGOTTEN_AFTER = timedelta(days=1)
REPLACED_AFTER = timedelta(minutes=1)


def beat(*, kind: ProcessKind, host: str, process: int, started_at: datetime, now: datetime) -> None:
    """Say that the process lives, and forget the silent ones: after a day, or at once where this one took their place."""
    with transaction.atomic():
        Heartbeat.objects.update_or_create(
            kind=kind, host=host, process=process, defaults={"started_at": started_at, "seen_at": now}
        )
        replaced = Q(kind=kind, host=host, seen_at__lt=now - REPLACED_AFTER)
        Heartbeat.objects.filter(Q(seen_at__lt=now - FORGOTTEN_AFTER) | replaced).delete()


def stop_beating(*, kind: ProcessKind, host: str, process: int) -> None:
    """A process that ends in order leaves no sign behind."""
    Heartbeat.objects.filter(kind=kind, host=host, process=process).delete()
