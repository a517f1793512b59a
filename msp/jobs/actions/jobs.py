"""Generic jobs: asked for once, worked by the handler of their kind, watched by their progress."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from msp.accounts.rules import Actor
from msp.jobs.models import Job
from msp.jobs.registry import JOB_KINDS
from msp.jobs.rules import Handler, Outcome, Work
from msp.tenancy.context import enter, system_scope

from .bell import ring


def add_job(
    *, actor: Actor, kind: str, payload: Mapping[str, Any], now: datetime, key: str = "", client_id: UUID | None = None
) -> Job:
    """Ask for a job of a registered kind. With a `key`, asking again gives the job that was asked for first.

    Raises KeyError for a kind that nobody registered.
    """
    JOB_KINDS[kind]
    fields = {"payload": dict(payload), "due_at": now, "created_at": now, "client_id": client_id, "asked_by": actor.id}
    with transaction.atomic():
        try:
            with transaction.atomic():
                job = Job.objects.create(kind=kind, key=key, **fields)
        except IntegrityError:
            return Job.objects.get(kind=kind, key=key)
        ring("jobs")
    return job


def report_progress(*, tenant_id: int, job_id: UUID, done: int, total: int) -> None:
    """Say how far a running job is, in a transaction of its own. Called from a handler's `work`."""
    with enter(system_scope(tenant_id)):
        Job.objects.filter(pk=job_id).update(done=done, total=total)


class RunJob(Handler[Job, tuple[Handler[Job, Any, Any], Any], tuple[Handler[Job, Any, Any], Any]]):
    """Hands a job to the handler of its kind."""

    def prepare(self, row: Job, now: datetime) -> tuple[Handler[Job, Any, Any], Any] | Outcome:
        handler: Work[Job, Any] = import_string(JOB_KINDS[row.kind].handler)()
        prepared = handler.prepare(row, now)
        if isinstance(prepared, Outcome):
            return prepared
        return cast("Handler[Job, Any, Any]", handler), prepared

    def work(self, prepared: tuple[Handler[Job, Any, Any], Any]) -> tuple[Handler[Job, Any, Any], Any]:
        handler, inner = prepared
        return handler, handler.work(inner)

    def finish(self, row: Job, result: tuple[Handler[Job, Any, Any], Any], now: datetime) -> Outcome:
        handler, inner = result
        return handler.finish(row, inner, now)
