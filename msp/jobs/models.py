"""Rows that are due at a time, and the signs of life of the processes that work them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from msp.tenancy.ids import new_id
from msp.tenancy.models import TenantModel

from .choices import DueState, ProcessKind


def due_index(table: str, open_states: Sequence[str] = (DueState.QUEUED,)) -> models.Index:
    """The index by which a sweep finds what is due, over all shops."""
    return models.Index(fields=["due_at"], condition=Q(state__in=list(open_states)), name=f"{table}_due")


def due_indexes(table: str, open_states: Sequence[str] = (DueState.QUEUED,)) -> list[models.Index]:
    """The two indexes of a shop's due-row table: one for the sweep, one for the shop's health page."""
    return [
        due_index(table, open_states),
        models.Index(fields=["tenant", "state", "due_at"], name=f"{table}_by_state"),
    ]


def due_constraint(
    table: str, open_states: Sequence[str] = (DueState.QUEUED,), resting_states: Sequence[str] = ()
) -> models.CheckConstraint:
    """A row is finished exactly when its state is neither an open nor a resting one."""
    is_open = Q(state__in=[*open_states, *resting_states])
    return models.CheckConstraint(
        condition=is_open & Q(finished_at=None) | ~is_open & ~Q(finished_at=None), name=f"{table}_finished"
    )


class DueFields(models.Model):
    """What makes a row a queue's.

    `lease_until` says that a worker has it and until when; it is also the worker's proof that the row is still its own.
    A concrete table lists `due_indexes` and `due_constraint` in its Meta (checked) and is named by one Queue.
    A row in a resting state is not finished, and not due until somebody opens it again: a paused clock, say.
    """

    open_states: ClassVar[tuple[str, ...]] = (DueState.QUEUED,)
    resting_states: ClassVar[tuple[str, ...]] = ()
    dead_state: ClassVar[str] = DueState.DEAD
    lost_states: ClassVar[tuple[str, ...]] = (DueState.DEAD,)  # in which the work was, or may have been, for nothing

    state = models.CharField(max_length=12, choices=DueState.choices, default=DueState.QUEUED)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def give_up(self, now: datetime) -> tuple[str, ...]:
        """Come to rest because nobody tries any more; unsaved. Returns the fields that changed beside the queue's own."""
        self.state = self.dead_state
        return ()


class DueRow(DueFields, TenantModel):
    """A row of a shop that a worker takes when it is due. Its table is the queue."""

    due_row = True

    class Meta(TenantModel.Meta):
        abstract = True


class GlobalDueRow(DueFields):
    """A due row of no shop: work for a sign-in identity, say. Its table is listed in GLOBAL_MODELS."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class Job(DueRow):
    """Long work without a row of its own: an import, an export, a rendering. `kind` names its handler.

    `key` makes asking twice one job; `done` of `total` is what the page shows while it runs.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120, blank=True)
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    client_id = models.UUIDField(null=True, blank=True)
    asked_by = models.CharField(max_length=40, blank=True)  # the actor's id
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = due_indexes("job")
        constraints = [
            due_constraint("job"),
            models.UniqueConstraint(fields=["tenant", "kind", "key"], condition=~Q(key=""), name="job_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()


class Heartbeat(models.Model):
    """The last sign of life of one process. Global: a process works for every shop."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=ProcessKind.choices)
    host = models.CharField(max_length=253)
    process = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "host", "process"], name="heartbeat_process")]
        indexes = [models.Index(fields=["kind", "-seen_at"], name="heartbeat_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.host}:{self.process}"
