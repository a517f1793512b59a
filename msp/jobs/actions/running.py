"""Working claimed rows: one at a time, each in its own shop's scope, each failure its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from msp.jobs.models import DueFields
from msp.jobs.queries import queues_with_due_rows
from msp.jobs.registry import QUEUES
from msp.jobs.rules import Again, Ended, GiveUp, LeaseLost, Outcome, wait_after

from .bell import ring
from .claims import Claim, claim

Clock = Callable[[], datetime]
BUDGET = 60.0  # seconds a run keeps claiming; stays well below Celery's time limit with the last batch added
ERROR_LENGTH = 4000

logger = logging.getLogger(__name__)


def run_queue(*, queue_name: str, clock: Clock, budget: float = BUDGET) -> int:
    """Work due rows until none is left or `budget` seconds have passed; then ring for the rest. Returns how many rows."""
    queue, began, worked = QUEUES[queue_name], time.monotonic(), 0
    while claims := claim(queue=queue, now=clock()):
        for taken in claims:
            run(taken, clock)
        worked += len(claims)
        if time.monotonic() - began > budget:
            ring(queue_name)
            break
    return worked


def sweep(*, now: datetime) -> list[str]:
    """Ring the queues in which a row is due, over all shops. Returns their names."""
    due = queues_with_due_rows(now)
    for name in due:
        ring(name)
    return due


def work_row(*, queue_name: str, row: DueFields, now: datetime) -> None:
    """Work one row in the caller's transaction and shop, as a worker would have at `now`: for a past that is made up or imported.

    Raises what the handler raises, and TypeError when something slow is left to do, which has no place in a transaction.
    """
    queue = QUEUES[queue_name]
    row = queue.model_class()._default_manager.select_for_update().get(pk=row.pk)
    outcome = queue.make_handler().prepare(row, now)
    if not isinstance(outcome, Ended | Again):
        raise TypeError(f"{queue_name} needs a worker")
    _settle(row, outcome, now)


def run(taken: Claim, clock: Clock) -> None:
    """Work one row. Its failure is written to it; only a lost database raises."""
    try:
        _work(taken, clock)
    except LeaseLost:
        logger.warning("lost the lease of %s %s to another worker", taken.queue.name, taken.row_id)


def _work(taken: Claim, clock: Clock) -> None:
    handler = taken.queue.make_handler()
    try:
        if taken.attempts > taken.queue.max_attempts:
            raise GiveUp("every worker that took this was lost before it could finish")
        with taken.locked() as row:
            renewed = taken.renewed(row, clock())
            prepared = handler.prepare(row, clock())
            if isinstance(prepared, Ended | Again):
                _settle(row, prepared, clock())
                return
            row.save(update_fields=["lease_until"])
        taken = renewed
        result = handler.work(prepared)
        with taken.locked() as row:
            _settle(row, handler.finish(row, result, clock()), clock())
    except LeaseLost:
        raise
    except Exception as error:
        logger.exception("%s %s failed", taken.queue.name, taken.row_id)
        _push_back(taken, error, clock())


def _settle(row: DueFields, outcome: Outcome, now: datetime) -> None:
    row.lease_until, row.last_error = None, ""
    match outcome:
        case Ended(state):
            row.state, row.finished_at = state, now
        case Again(at):
            row.due_at, row.attempts = at, 0
    row.save(update_fields=["state", "due_at", "lease_until", "attempts", "last_error", "finished_at"])


def _push_back(taken: Claim, error: Exception, now: datetime) -> None:
    """Make the row due later, or a dead letter when trying again cannot help or has been tried enough."""
    queue = taken.queue
    with taken.locked() as row:
        row.lease_until, row.last_error = None, _in_words(error)
        if isinstance(error, GiveUp) or taken.attempts >= queue.max_attempts:
            row.state, row.finished_at = row.dead_state, now
        else:
            row.due_at = now + wait_after(taken.attempts, first=queue.first_wait, longest=queue.longest_wait)
        row.save(update_fields=["state", "due_at", "lease_until", "last_error", "finished_at"])


def _in_words(error: Exception) -> str:
    text = str(error) if isinstance(error, GiveUp) else f"{type(error).__name__}: {error}"
    return text.replace("\x00", "")[:ERROR_LENGTH]
