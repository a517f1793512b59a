"""What the doorbell wakes. All tasks go over all shops; each row is then worked in its own shop's scope."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from . import actions


@shared_task(name="jobs.run_queue")
def run_queue(*, queue: str, **_: Any) -> None:
    """Work the due rows of one queue."""
    actions.run_queue(queue_name=queue, clock=timezone.now)


@shared_task(name="jobs.sweep")
def sweep(**_: Any) -> None:
    """Ring every queue in which something is due."""
    actions.sweep(now=timezone.now())


@shared_task(name="jobs.clean")
def clean(**_: Any) -> None:
    """Delete what has expired."""
    actions.clean(timezone.now())
