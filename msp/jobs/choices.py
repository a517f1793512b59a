"""States of a row that is due at a time."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DueState(models.TextChoices):
    """A row at work stays `queued`: who has it is said by its lease, which ends by itself when a worker dies."""

    QUEUED = "queued", _("Waiting")
    DONE = "done", _("Done")
    DEAD = "dead", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


TRANSITIONS: dict[DueState, frozenset[DueState]] = {
    DueState.QUEUED: frozenset({DueState.DONE, DueState.DEAD, DueState.CANCELLED}),
    DueState.DEAD: frozenset({DueState.QUEUED, DueState.CANCELLED}),
    DueState.DONE: frozenset(),
    DueState.CANCELLED: frozenset(),
}


class ProcessKind(models.TextChoices):
    WORKER = "worker", _("Worker")
    SCHEDULER = "scheduler", _("Scheduler")
    RECEIVER = "receiver", _("Mail receiver")
