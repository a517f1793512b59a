from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connections

from msp.jobs import actions
from msp.jobs.actions.claims import Claim, claim, give_back
from msp.jobs.actions.running import run
from msp.jobs.models import Job
from msp.jobs.queries import longest_wait, queues_with_due_rows
from msp.jobs.registry import QUEUES
from msp.jobs.rules import wait_after
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld, World

from .conftest import ACTOR

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = QUEUES["jobs"].lease


def add(shop: ShopWorld, kind: str = "slow", at: datetime = NOW, **given: Any) -> Job:
    with enter(shop.scope()):
        return actions.add_job(actor=ACTOR, kind=kind, payload={}, now=at, **given)


def fresh(shop: ShopWorld, job: Job) -> Job:
    with enter(shop.scope()):
        return Job.objects.get(pk=job.pk)


def run_all(at: datetime = NOW) -> int:
    return actions.run_queue(queue_name="jobs", clock=lambda: at)


def test_due_jobs_of_every_shop_run_in_their_own_scope(world: World) -> None:
    north, low = add(world.north), add(world.low)
    later = add(world.north, at=NOW + timedelta(seconds=1))
    assert run_all() == 2
    for shop, added in ((world.north, north), (world.low, low)):
        job = fresh(shop, added)
        assert (job.state, job.finished_at, job.lease_until, job.attempts) == ("done", NOW, None, 1)
        assert job.result == {"said": f"{shop.tenant.pk} system, None, {shop.tenant.pk}"}
    assert fresh(world.north, later).state == "queued"


def test_a_row_of_a_past_told_afterwards_is_worked_at_its_own_time(world: World) -> None:
    hourly, slow = add(world.north, "hourly"), add(world.north, "slow")
    past = NOW - timedelta(days=9)
    with enter(world.north.scope()):
        actions.work_row(queue_name="jobs", row=hourly, now=past)
        with pytest.raises(TypeError, match="needs a worker"):
            actions.work_row(queue_name="jobs", row=slow, now=past)
    worked = fresh(world.north, hourly)
    assert (worked.state, worked.due_at) == ("queued", past + timedelta(hours=1))
    assert fresh(world.north, slow).state == "queued"


def test_a_raising_job_waits_longer_each_time_and_blocks_nobody(world: World) -> None:
    bad, good = add(world.north, "raising"), add(world.north)
    assert run_all() == 2
    assert fresh(world.north, good).state == "done"
    bad = fresh(world.north, bad)
    assert (bad.state, bad.attempts, bad.lease_until, bad.result) == ("queued", 1, None, {})
    assert (bad.last_error, bad.due_at) == ("ValueError: no such thing", NOW + timedelta(seconds=10))
    assert run_all() == 0
    assert run_all(bad.due_at) == 1
    assert fresh(world.north, bad).due_at == bad.due_at + timedelta(seconds=20)


def test_a_job_that_never_works_becomes_a_dead_letter(world: World) -> None:
    bad, at = add(world.north, "raising"), NOW
    for _ in range(QUEUES["jobs"].max_attempts):
        assert run_all(at) == 1
        at = fresh(world.north, bad).due_at
    bad = fresh(world.north, bad)
    assert (bad.state, bad.attempts, bad.last_error) == ("dead", 8, "ValueError: no such thing")
    assert bad.finished_at is not None
    assert run_all(at + timedelta(days=9)) == 0


def test_a_hopeless_job_is_given_up_at_once(world: World) -> None:
    bad = add(world.north, "hopeless")
    run_all()
    bad = fresh(world.north, bad)
    assert (bad.state, bad.attempts, bad.last_error) == ("dead", 1, "that address does not exist")


def test_a_recurring_job_goes_on_with_its_attempts_from_zero(world: World) -> None:
    job = add(world.north, "hourly")
    run_all()
    job = fresh(world.north, job)
    assert (job.state, job.due_at, job.attempts, job.lease_until) == ("queued", NOW + timedelta(hours=1), 0, None)


def test_a_job_whose_turn_it_is_not_waits_without_losing_an_attempt(world: World) -> None:
    job = add(world.north, "notitsturn")
    run_all()
    job = fresh(world.north, job)
    assert (job.state, job.due_at, job.attempts) == ("queued", NOW + timedelta(hours=1), 0)
    assert (job.lease_until, job.last_error) == (None, "others go first")


def test_when_a_runs_time_is_over_the_rest_of_its_batch_is_given_back(world: World) -> None:
    jobs = [add(world.north, at=NOW - timedelta(minutes=age)) for age in (3, 2, 1)]
    assert actions.run_queue(queue_name="jobs", clock=lambda: NOW, budget=0) == 1
    rows = [fresh(world.north, job) for job in jobs]
    assert [row.state for row in rows] == ["done", "queued", "queued"]
    assert [(row.lease_until, row.attempts) for row in rows[1:]] == [(None, 0)] * 2
    assert run_all() == 2


def test_what_another_worker_took_meanwhile_is_not_given_back(world: World) -> None:
    job = add(world.north)
    slow = claim(queue=QUEUES["jobs"], now=NOW)
    (quick,) = claim(queue=QUEUES["jobs"], now=NOW + LEASE)
    give_back(slow)
    row = fresh(world.north, job)
    assert (row.lease_until, row.attempts) == (quick.lease_until, 2)


def test_a_killed_workers_job_is_taken_when_its_lease_ends_and_only_once(world: World) -> None:
    job = add(world.north)
    (killed,) = claim(queue=QUEUES["jobs"], now=NOW)
    assert claim(queue=QUEUES["jobs"], now=NOW + LEASE - timedelta(seconds=1)) == []
    assert run_all(NOW + LEASE) == 1
    done = fresh(world.north, job)
    assert (done.state, done.attempts) == ("done", 2)
    run(killed, lambda: NOW + LEASE + timedelta(seconds=1))  # it was only slow: it must not record anything now
    assert fresh(world.north, job).finished_at == done.finished_at


def test_a_job_that_kills_every_worker_is_given_up(world: World) -> None:
    job, at = add(world.north), NOW
    for _ in range(QUEUES["jobs"].max_attempts):
        assert len(claim(queue=QUEUES["jobs"], now=at)) == 1
        at += LEASE
    assert run_all(at) == 1
    job = fresh(world.north, job)
    assert job.state == "dead"
    assert "worker" in job.last_error


def test_workers_share_the_rows_and_none_is_taken_twice(world: World) -> None:
    for _ in range(40):
        add(world.north)
    taken: list[Claim] = []

    def take() -> None:
        while found := claim(queue=QUEUES["jobs"], now=NOW):
            taken.extend(found)
        connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len({t.row_id for t in taken}) == 40


def test_asking_again_with_the_same_key_is_the_same_job(world: World) -> None:
    first = add(world.north, key="clients-2026-11-23")
    assert add(world.north, key="clients-2026-11-23").pk == first.pk
    assert add(world.low, key="clients-2026-11-23").pk != first.pk
    assert add(world.north).pk != add(world.north).pk


def test_progress_is_seen_while_the_job_runs(world: World) -> None:
    job = add(world.north)
    actions.report_progress(tenant_id=world.north.tenant.pk, job_id=job.pk, done=3, total=9)
    assert (fresh(world.north, job).done, fresh(world.north, job).total) == (3, 9)


def test_the_sweep_rings_for_due_rows_only(world: World) -> None:
    assert queues_with_due_rows(NOW) == []
    add(world.low, at=NOW - timedelta(minutes=7))
    assert queues_with_due_rows(NOW) == ["jobs"] == actions.sweep(now=NOW)
    assert longest_wait(NOW) == timedelta(minutes=7)
    claim(queue=QUEUES["jobs"], now=NOW)
    assert (queues_with_due_rows(NOW), longest_wait(NOW)) == ([], timedelta())


def test_claims_are_made_by_a_role_that_sees_only_times(world: World) -> None:
    add(world.north, "slow")
    with connections["timers"].cursor() as cursor:
        cursor.execute("select current_user, count(*) from jobs_job")
        assert cursor.fetchone() == (connections["timers"].settings_dict["USER"], 1)
    for forbidden in (
        "select payload from jobs_job",
        "update jobs_job set state = 'done'",
        "update jobs_job set due_at = now()",
        "delete from jobs_job",
        "select name from accounts_membership",
    ):
        with connections["timers"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute(forbidden)


def test_every_due_table_has_its_index_and_its_queue() -> None:
    call_command("check", "--tag", "models")


def test_waits_double_up_to_a_limit() -> None:
    waits = [wait_after(n, first=timedelta(seconds=10), longest=timedelta(minutes=2)) for n in (1, 2, 3, 4, 5, 99)]
    assert [w.total_seconds() for w in waits] == [10, 20, 40, 80, 120, 120]
