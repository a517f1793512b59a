"""Every route, as everybody, about everybody's objects: with both locks, and with each lock alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from msp.tenancy.walls import tenant_models
from tests.plugin_services import DEEP
from tests.walls import actors, report, vocabulary
from tests.walls.actors import Actor
from tests.walls.plants import Place
from tests.walls.routes import Route, all_routes
from tests.walls.walk import Tally, walk
from tests.world import World

# /healthz asks as the timers role.
pytestmark = pytest.mark.django_db(databases=["default", "timers"])

SHOWN = 40  # faults of a walk; one broken door makes hundreds
Cast = Callable[[World, list[Place]], list[Actor]]
CASTS: dict[str, Cast] = {
    "nobody": lambda world, places: [actors.nobody(places)],
    "staff": actors.staff,
    "strangers": actors.strangers,
    "people": actors.people,
    "programs": actors.programs,
}
# So that the walk can't silently become empty. Raise them as pages come.
FEWEST_CALLS = {"nobody": 150, "staff": 700, "strangers": 300, "people": 600, "programs": 300}


def narrow(world: World, places: list[Place]) -> list[Actor]:
    """Those to whom a single open lock would show the most."""
    return [actors.staff(world, places)[0], actors.people(world, places)[0], actors.programs(world, places)[0]]


def undeclared() -> list[str]:
    """Routes whose view says not who may come in."""
    return [str(route) for route in all_routes() if route.door is None]


def test_every_route_has_a_door() -> None:
    assert undeclared() == []


def test_every_address_can_be_filled(places: list[Place]) -> None:
    """A name that no model and no KWARGS of vocabulary.py knows raises KeyError here."""
    for route in all_routes():
        for place in places:
            assert route.path({name: vocabulary.value_of(name, place) for name in route.kwargs}).startswith("/")


def test_every_tenant_table_has_a_row_of_every_place(places: list[Place]) -> None:
    assert {place.name: set(tenant_models()) - set(place.rows) for place in places} == {
        place.name: set() for place in places
    }


@pytest.mark.parametrize("cast", CASTS)
def test_both_locks(world: World, places: list[Place], cast: str, record_property: Any) -> None:
    tally = walked("both locks", CASTS[cast](world, places), places, record_property)
    assert tally.calls >= FEWEST_CALLS[cast]
    assert unopened(cast, tally) == []


def test_postgres_alone(python_lock_off: None, world: World, places: list[Place], record_property: Any) -> None:
    walked("Postgres alone (Python scoping off)", narrow(world, places), places, record_property)


def walked(lock: str, cast: list[Actor], places: list[Place], record_property: Any) -> Tally:
    tally = walk(all_routes(), cast, places, deep=DEEP)
    report.keep(record_property, lock, tally)
    if tally.faults:
        pytest.fail(f"{len(tally.faults)} faults\n" + "\n".join(tally.faults[:SHOWN]), pytrace=False)
    assert sum(number for status, number in tally.posted.items() if status < 400) > 0
    assert {role for role in tally.roles if tally.seen_own[role] == 0} <= {"anonymous"}
    return tally


def unopened(cast: str, tally: Tally) -> list[str]:
    """Routes whose door opened for none of those who may come in: of them the walk would prove nothing."""
    kind = {"staff": "staff", "people": "portal", "programs": "token"}.get(cast)
    routes: list[Route] = [route for route in all_routes() if route.door is not None and route.door.kind == kind]
    odd = {name for name, each in vocabulary.ODD.items() if 404 in each.statuses}
    return [str(route) for route in routes if str(route) not in tally.opened | odd]
