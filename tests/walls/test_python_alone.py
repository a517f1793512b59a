"""Python's lock on its own: the pages' connection acts as the owner role, whom no policy binds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from clients.models import Contact
from msp.tenancy import managers
from msp.tenancy.context import enter, on_behalf
from msp.tenancy.scope import ClosedToPortal, WrongClient
from tests.walls import actors
from tests.walls.plants import Place
from tests.walls.routes import Route, all_routes
from tests.walls.test_walk import narrow, walked
from tests.walls.walk import walk
from tests.world import World

pytestmark = [
    pytest.mark.django_db(databases=["default", "timers"]),
    pytest.mark.usefixtures("postgres_lock_off"),
]


def test_no_policy_binds_this_connection(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(distinct tenant_id) from clients_client")
        assert cursor.fetchone() == (2,)


def test_python_alone(world: World, places: list[Place], record_property: Any) -> None:
    walked("Python alone (row level security off)", narrow(world, places), places, record_property)


def test_with_both_locks_off_the_walk_sees_the_leaks(
    world: World, places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk can see: what the locks keep away is found as soon as they are off, here on the clients' tables."""
    held = managers.narrowed
    monkeypatch.setattr(managers, "narrowed", lambda rows, scope: rows if is_of_clients(rows) else held(rows, scope))
    tally = walk(clients_pages(), [actors.staff(world, places)[0]], places)
    assert tally.leaks["owner", "no object"] > 0
    assert tally.leaks["owner", "other shop's"] > 0
    assert any("answered in, wanted 404" in fault for fault in tally.faults)


def is_of_clients(rows: QuerySet[Any]) -> bool:
    return rows.model._meta.app_label == "clients"


def clients_pages() -> list[Route]:
    return [route for route in all_routes() if str(route).startswith("clients:")]


def test_what_the_portal_may_not_write_python_refuses_alone(world: World) -> None:
    anna, other = world.north.one.anna, world.north.two
    with enter(world.north.portal_scope(anna)):
        with pytest.raises(ClosedToPortal):
            Contact.objects.filter(pk=anna.pk).update(name="Someone else")
        with pytest.raises(ClosedToPortal):
            Contact.objects.filter(pk=anna.pk).delete()
        with on_behalf(), pytest.raises(WrongClient):
            Contact.objects.create(client=other.client, name="Astray", language="en")
