"""What works without a page: tasks and queues. Another shop's row, or another shop's id, does nothing to this shop."""

from __future__ import annotations

import inspect
from contextlib import suppress
from typing import Any

import pytest
from celery import current_app
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.utils import timezone

from msp.jobs.actions.claims import Claim
from msp.jobs.actions.running import run
from msp.jobs.models import Job
from msp.jobs.registry import JOB_KINDS, QUEUES, Queue
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import TenantModel
from msp.tenancy.walls import tenant_models
from tests.conventions import SWEEPS
from tests.walls import vocabulary
from tests.walls.plants import Place
from tests.walls.writes import Ground, changed, prints_of
from tests.world import World

SHOPS_QUEUES = [name for name, queue in QUEUES.items() if queue.shop_model() is not None]


def own_tasks() -> dict[str, Any]:
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if not name.startswith("celery.")}


def test_every_task_of_one_shop_leaves_the_other_alone(world: World, places: list[Place]) -> None:
    """Called for Lowmoor with Northgate's ids. Tasks over all shops name no shop; queues below stand for them."""
    before = prints_of([Ground(world.north.tenant.pk)])
    assert own_tasks()
    for name, task in own_tasks().items():
        wanted = [p.name for p in inspect.signature(task.run).parameters.values() if p.kind is p.KEYWORD_ONLY]
        if "tenant_id" not in wanted:
            assert name in SWEEPS, f"{name} names no shop"
            continue
        given = {each: str(vocabulary.value_of(each, places[0])) for each in wanted if each != "tenant_id"}
        with suppress(LookupError, ObjectDoesNotExist, ValueError):  # what it was told to work on is not there
            task.run(**given, tenant_id=world.low.tenant.pk)
        assert changed(before, prints_of([Ground(world.north.tenant.pk)])) == [], name


@pytest.mark.parametrize("name", SHOPS_QUEUES)
def test_a_claim_under_the_wrong_shop_does_nothing(world: World, places: list[Place], name: str) -> None:
    """Northgate's row, claimed as if it were Lowmoor's."""
    claim = due_in(world.low.tenant.pk, QUEUES[name], places[0])
    before = prints_of([Ground(world.north.tenant.pk), Ground(world.low.tenant.pk)])
    run(claim, timezone.now)
    assert changed(before, prints_of([Ground(world.north.tenant.pk), Ground(world.low.tenant.pk)])) == []


@pytest.mark.parametrize("name", SHOPS_QUEUES)
def test_working_a_row_tells_its_shop_nothing_of_another(world: World, places: list[Place], name: str) -> None:
    before = prints_of([Ground(world.north.tenant.pk)])
    run(due_in(world.low.tenant.pk, QUEUES[name], places[-1]), timezone.now)
    assert changed(before, prints_of([Ground(world.north.tenant.pk)])) == []
    assert saying(world.low.tenant.pk, "leaknorth") == []


@pytest.mark.parametrize("about", ["own things", "the other shop's things"])
@pytest.mark.parametrize("kind", JOB_KINDS)
def test_a_job_stays_in_its_shop(world: World, places: list[Place], kind: str, about: str) -> None:
    """Lowmoor's job, about what is Lowmoor's and about what is Northgate's."""
    assert strays(kind, world, places, about=places[-1 if about == "own things" else 0]) == []


def strays(kind: str, world: World, places: list[Place], about: Place) -> list[str]:
    """What Lowmoor's job of this kind changed in Northgate, and where Lowmoor tells of Northgate afterwards."""
    before = prints_of([Ground(world.north.tenant.pk)])
    claim = due_in(world.low.tenant.pk, QUEUES["jobs"], places[-1])
    with enter(system_scope(world.low.tenant.pk)):
        Job.objects.filter(pk=claim.row_id).update(kind=kind, payload=vocabulary.payload_of(kind, about))
    run(claim, timezone.now)
    changes = changed(before, prints_of([Ground(world.north.tenant.pk)]))
    return changes + [model._meta.label for model in saying(world.low.tenant.pk, "leaknorth")]


def due_in(tenant_id: int, queue: Queue, place: Place) -> Claim:
    """The place's row of a queue, made due and taken, as if it belonged to `tenant_id`."""
    model, now = queue.model_class(), timezone.now()
    row: Any = place.rows[model]  # type: ignore[index]
    row.state, row.finished_at, row.lease_until = model.open_states[0], None, now + queue.lease
    with enter(system_scope(place.shop.tenant.pk)):
        row.save(update_fields=["state", "finished_at", "lease_until"])
    return Claim(queue, row.pk, tenant_id, 1, row.lease_until)


def saying(tenant_id: int, word: str) -> list[type[TenantModel]]:
    """The tables of a shop in which a word stands."""
    found = []
    with enter(system_scope(tenant_id)), connection.cursor() as cursor:
        for model in tenant_models():
            cursor.execute(f'select count(*) from "{model._meta.db_table}" t where t::text ilike %s', [f"%{word}%"])
            found += [model] * bool(cursor.fetchone()[0])
    return found
