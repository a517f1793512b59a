"""Python's lock on its own: the pages' connection acts as the owner role, whom no policy binds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.walls import actors
from tests.walls.plants import Place
from tests.walls.routes import all_routes
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


def test_with_both_locks_off_the_walk_sees_the_leaks(world: World, places: list[Place], python_lock_off: None) -> None:
    """The walk can see: what the locks keep away is found as soon as they are off."""
    clients = [route for route in all_routes() if str(route).startswith("clients:")]
    tally = walk(clients, [actors.staff(world, places)[0]], places)
    assert tally.leaks["owner", "no object"] > 0
    assert tally.leaks["owner", "other shop's"] > 0
    assert any("answered in, wanted 404" in fault for fault in tally.faults)
