"""Kinds of job for the tests, worked by handlers that say what happened in the job's result."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from msp.accounts.rules import Actor, system_actor
from msp.jobs.models import Job
from msp.jobs.registry import JOB_KINDS, JobKind
from msp.jobs.rules import Again, Ended, GiveUp, Handler, Later, Outcome, Plain
from msp.tenancy.context import current_scope, scope_or_none

ACTOR: Actor = system_actor("tests")


class Slow(Handler[Job, str, str]):
    """Says in which scope each phase ran."""

    def prepare(self, row: Job, now: datetime) -> str:
        return f"{current_scope().tenant_id} {current_scope().audience}"

    def work(self, prepared: str) -> str:
        assert not connection.in_atomic_block
        return f"{prepared}, {scope_or_none()}"

    def finish(self, row: Job, result: str, now: datetime) -> Outcome:
        row.result = {"said": f"{result}, {current_scope().tenant_id}"}
        row.save(update_fields=["result"])
        return Ended("done")


class Raising(Plain[Job]):
    def act(self, row: Job, now: datetime) -> Outcome:
        row.result = {"half": "done"}
        row.save(update_fields=["result"])
        raise ValueError("no such thing")


class Hopeless(Plain[Job]):
    def act(self, row: Job, now: datetime) -> Outcome:
        raise GiveUp("that address does not exist")


class Hourly(Plain[Job]):
    def act(self, row: Job, now: datetime) -> Outcome:
        return Again(now + timedelta(hours=1))


class NotItsTurn(Plain[Job]):
    def act(self, row: Job, now: datetime) -> Outcome:
        return Later(now + timedelta(hours=1), "others go first")


HANDLERS = (Slow, Raising, Hopeless, Hourly, NotItsTurn)


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """One kind of job per handler above, named after it in small letters."""
    made = {h.__name__.lower(): JobKind(h.__name__.lower(), h.__name__, f"{__name__}.{h.__name__}") for h in HANDLERS}
    JOB_KINDS.update(made)
    yield
    for name in made:
        del JOB_KINDS[name]
