"""The minute's sealing, rung by the scheduler."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from . import actions


@shared_task(name="audit.seal")
def seal(**_: Any) -> None:
    """Seal what is final in every shop."""
    actions.seal_all(timezone.now())
