"""What becomes of a row that was worked: it rests, is due again, or is pushed back."""

from __future__ import annotations

from datetime import datetime

from msp.jobs.models import DueFields
from msp.jobs.rules import Again, Ended, GiveUp, Later, Outcome, wait_after

from .claims import Claim

ERROR_LENGTH = 4000
SETTLED = ("state", "due_at", "lease_until", "attempts", "last_error", "finished_at")


def apply(row: DueFields, outcome: Outcome, now: datetime) -> None:
    """Set a row's SETTLED fields by what came of it; unsaved."""
    row.lease_until, row.last_error = None, ""
    match outcome:
        case Ended(state):
            row.state, row.finished_at = state, None if state in row.resting_states else now
        case Again(at):
            row.due_at, row.attempts = at, 0
        case Later(at, why):
            row.due_at, row.attempts, row.last_error = at, row.attempts - 1, why


def settle(row: DueFields, outcome: Outcome, now: datetime) -> None:
    """Let a worked row rest."""
    apply(row, outcome, now)
    row.save(update_fields=SETTLED)


def push_back(taken: Claim, error: Exception, now: datetime) -> None:
    """Make the row due later, or a dead letter when trying again cannot help or has been tried enough."""
    queue = taken.queue
    with taken.locked() as row:
        row.lease_until, row.last_error = None, _in_words(error)
        changed: tuple[str, ...] = ()
        if isinstance(error, GiveUp) or taken.attempts >= queue.max_attempts:
            row.finished_at, changed = now, row.give_up(now)
        else:
            row.due_at = now + wait_after(taken.attempts, first=queue.first_wait, longest=queue.longest_wait)
        row.save(update_fields=["state", "due_at", "lease_until", "last_error", "finished_at", *changed])


def _in_words(error: Exception) -> str:
    text = str(error) if isinstance(error, GiveUp) else f"{type(error).__name__}: {error}"
    return text.replace("\x00", "")[:ERROR_LENGTH]
