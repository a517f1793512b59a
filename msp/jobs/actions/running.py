"""Working claimed rows, each in its own shop's scope, each failure its own: one at a time, or together where the queue says so."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from msp.jobs.models import DueFields
from msp.jobs.queries import queues_with_due_rows
from msp.jobs.registry import QUEUES
from msp.jobs.rules import GiveUp, Handler, LeaseLost, Outcome, Together, Work

from .bell import ring
from .claims import Claim, claim, give_back
from .settling import push_back, settle
from .together import run_together, settle_together

Clock = Callable[[], datetime]
BUDGET = 60.0  # seconds after which a run begins no row more; stays well below Celery's time limit with one row added

logger = logging.getLogger(__name__)


def run_queue(*, queue_name: str, clock: Clock, budget: float = BUDGET) -> int:
    """Work due rows until none is left or `budget` seconds have passed; then ring for the rest. Returns how many rows."""
    queue, ends, worked = QUEUES[queue_name], time.monotonic() + budget, 0
    handler = queue.make_handler()
    while claims := claim(queue=queue, now=clock()):
        if isinstance(handler, Together):
            run_together(handler, claims, clock)
            worked += len(claims)
        else:
            worked += _run_by_turns(claims, clock, ends)
        if time.monotonic() > ends:
            ring(queue_name)
            break
    return worked


def _run_by_turns(claims: list[Claim], clock: Clock, ends: float) -> int:
    """Work the first claim, and the others while there is time; the rest is given back. Returns how many were worked."""
    for number, taken in enumerate(claims):
        if number and time.monotonic() > ends:
            give_back(claims[number:])
            return number
        run(taken, clock)
    return len(claims)


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
    row, handler = queue.model_class()._default_manager.select_for_update().get(pk=row.pk), queue.make_handler()
    if isinstance(handler, Together):
        settle_together(handler, [row], now)
        return
    outcome = handler.prepare(row, now)
    if not isinstance(outcome, Outcome):
        raise TypeError(f"{queue_name} needs a worker")
    settle(row, outcome, now)


def run(taken: Claim, clock: Clock) -> None:
    """Work one row. Its failure is written to it; only a lost database raises."""
    try:
        _work(taken, clock)
    except LeaseLost:
        logger.warning("lost the lease of %s %s to another worker", taken.queue.name, taken.row_id)


def _work(taken: Claim, clock: Clock) -> None:
    handler = cast("Work[Any, Any]", taken.queue.make_handler())
    try:
        if taken.attempts > taken.queue.max_attempts:
            raise GiveUp("every worker that took this was lost before it could finish")
        with taken.locked() as row:
            renewed = taken.renewed(row, clock())
            prepared = handler.prepare(row, clock())
            if isinstance(prepared, Outcome):
                settle(row, prepared, clock())
                return
            row.save(update_fields=["lease_until"])
        taken = renewed
        slow = cast("Handler[Any, Any, Any]", handler)  # work without a slow part has ended by now
        result = slow.work(prepared)
        with taken.locked() as row:
            settle(row, slow.finish(row, result, clock()), clock())
    except LeaseLost:
        raise
    except Exception as error:
        logger.exception("%s %s failed", taken.queue.name, taken.row_id)
        push_back(taken, error, clock())
