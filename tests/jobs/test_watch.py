from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from msp.jobs import actions, receivers
from msp.jobs.choices import ProcessKind
from msp.jobs.models import Heartbeat, Job
from msp.jobs.queries import alive
from msp.jobs.receivers import Watch
from msp.jobs.registry import CHORES
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import ACTOR

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watching() -> Iterator[Callable[..., Watch]]:
    started: list[Watch] = []

    def watching(**given: Any) -> Watch:
        started.append(Watch(ProcessKind.WORKER, **given))
        started[-1].start()
        return started[-1]

    yield watching
    for watch in started:
        watch.stop()
        watch.join(20)


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_a_worker_that_hears_no_ring_sweeps_by_itself(
    world: World, watching: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    with enter(world.north.scope()):
        job = actions.add_job(actor=ACTOR, kind="slow", payload={}, now=timezone.now())
    chores: list[datetime] = []
    monkeypatch.setattr(receivers, "CHORES", [chores.append])
    watch = watching(sweep_after=0.3, pulse=0.1)

    def is_done() -> bool:
        with enter(world.north.scope()):
            return Job.objects.get(pk=job.pk).state == "done"

    assert eventually(is_done)
    assert alive(ProcessKind.WORKER, timezone.now())
    assert eventually(lambda: bool(chores))
    watch.stop()
    watch.join(20)
    assert not Heartbeat.objects.exists()


def test_a_worker_that_hears_rings_does_not_sweep(world: World, watching: Callable[..., Watch]) -> None:
    with enter(world.north.scope()):
        job = actions.add_job(actor=ACTOR, kind="slow", payload={}, now=timezone.now())
    watching(sweep_after=60, pulse=0.05)
    assert eventually(lambda: alive(ProcessKind.WORKER, timezone.now()))
    time.sleep(0.3)
    with enter(world.north.scope()):
        assert Job.objects.get(pk=job.pk).state == "queued"


def test_a_worker_at_work_is_not_deaf(
    world: World, watching: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    swept, busy = threading.Event(), {"a request"}
    monkeypatch.setattr(receivers, "work_everything", swept.set)
    monkeypatch.setattr(receivers, "active_requests", busy)
    watching(sweep_after=0.2, pulse=0.05)
    assert not swept.wait(1)
    busy.clear()
    assert swept.wait(20)


def test_a_worker_that_sweeps_for_long_still_shows_signs_of_life(
    watching: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, over = threading.Event(), threading.Event()
    sweeps: list[None] = []

    def work() -> None:
        sweeps.append(begun.set())
        over.wait(60)

    monkeypatch.setattr(receivers, "work_everything", work)
    watching(sweep_after=0.1, pulse=0.05)
    assert begun.wait(20)
    seen = Heartbeat.objects.get().seen_at
    assert eventually(lambda: Heartbeat.objects.get().seen_at > seen + timedelta(milliseconds=200))
    assert len(sweeps) == 1
    over.set()


def test_silent_processes_are_forgotten_after_a_day_or_when_another_took_their_place() -> None:
    for host, process, seen in (
        ("old", 1, timedelta(days=2)),
        ("box", 2, timedelta(minutes=2)),
        ("gone", 3, timedelta(hours=3)),
    ):
        actions.beat(kind=ProcessKind.WORKER, host=host, process=process, started_at=NOW, now=NOW - seen)
    for _ in range(2):
        actions.beat(kind=ProcessKind.WORKER, host="box", process=4, started_at=NOW, now=NOW)
    assert sorted(Heartbeat.objects.values_list("host", "process")) == [("box", 4), ("gone", 3)]
    assert not alive(ProcessKind.SCHEDULER, NOW)


def test_chores_are_registered_once() -> None:
    assert len(CHORES) == len(set(CHORES))
