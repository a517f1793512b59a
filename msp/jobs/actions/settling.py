"""What becomes of a row that was worked: it rests, is due again, or is pushed back."""

from __future__ import annotations

from datetime import datetime

from msp.jobs.models import DueFields
from msp.jobs.registry import Queue, queue_of
from msp.jobs.rules import Again, Ended, Failed, GiveUp, Later, Outcome, wait_after

from .claims import Claim

ERROR_LENGTH = 4000
SETTLED = ("state", "due_at", "lease_until", "attempts", "last_error", "finished_at")


def apply(row: DueFields, outcome: Outcome, now: datetime) -> tuple[str, ...]:
    """Set a row's SETTLED fields by what came of it; unsaved. Returns the other fields that changed."""
    row.lease_until, row.last_error = None, ""
    match outcome:
        case Ended(state):
            row.state, row.finished_at = state, None if state in row.resting_states else now
        case Again(at):
            row.due_at, row.attempts = at, 0
        case Later(at, why):
            row.due_at, row.attempts, row.last_error = at, row.attempts - 1, why
        case Failed(why, for_good):
            return _put_back(row, queue_of(type(row)), why, for_good=for_good, attempts=row.attempts, now=now)
    return ()


def settle(row: DueFields, outcome: Outcome, now: datetime) -> None:
    """Let a worked row rest."""
    changed = apply(row, outcome, now)
    row.save(update_fields=[*SETTLED, *changed])


def push_back(taken: Claim, error: Exception, now: datetime) -> None:
    """Make the row due later, or a dead letter when trying again cannot help or has been tried enough."""
    with taken.locked() as row:
        why, for_good = _in_words(error), isinstance(error, GiveUp)
        changed = _put_back(row, taken.queue, why, for_good=for_good, attempts=taken.attempts, now=now)
        row.save(update_fields=["state", "due_at", "lease_until", "last_error", "finished_at", *changed])


def _put_back(
    row: DueFields, queue: Queue, why: str, *, for_good: bool, attempts: int, now: datetime
) -> tuple[str, ...]:
    row.lease_until, row.last_error = None, why[:ERROR_LENGTH]
    if for_good or attempts >= queue.max_attempts:
        row.finished_at = now
        return row.give_up(now)
    row.due_at = now + wait_after(attempts, first=queue.first_wait, longest=queue.longest_wait)
    return ()


def _in_words(error: Exception) -> str:
    text = str(error) if isinstance(error, GiveUp) else f"{type(error).__name__}: {error}"
    return text.replace("\x00", "")
