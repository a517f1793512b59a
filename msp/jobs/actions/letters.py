"""What a person does about a dead letter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.models import DueRow
from msp.jobs.registry import Queue

from .bell import ring


def retry(*, actor: Actor, row: DueRow, queue: Queue, now: datetime) -> DueRow:
    """Let a dead letter be tried again at once, with all its attempts. A row that is not dead stays as it is."""
    with transaction.atomic():
        row = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
        if row.state != row.dead_state:
            return row
        row.state, row.due_at, row.attempts, row.finished_at = row.open_states[0], now, 0, None
        row.save(update_fields=["state", "due_at", "attempts", "finished_at"])
        record(actor=actor, verb="job.retried", subject=row, now=now, data={"queue": str(queue.label)})
        ring(queue.name)
    return row
