"""Keys of others in what programs send: every body of the API, with each key in it put in the place of another's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.walls import actors
from tests.walls.bodies import key_of as key_at
from tests.walls.bodies import keys_in
from tests.walls.plants import Place
from tests.walls.routes import Route, all_routes
from tests.walls.walk import Call, ask, body_for
from tests.walls.writes import grounds_of, prints_of
from tests.world import World

pytestmark = pytest.mark.django_db(databases=["default", "timers"])
FEWEST = 20  # swaps, so that it can't silently become empty


def swaps() -> Iterator[tuple[Route, str, str]]:
    """(address, method, name of the key)"""
    for route in [each for each in all_routes() if each.is_api]:
        for method in ("POST", "PATCH"):
            for name in keys_in(route, method):
                yield route, method, name


def test_no_body_takes_anothers_key(world: World, places: list[Place]) -> None:
    own, low = places[0], places[-1]
    service = next(each for each in actors.programs(world, places) if each.name == "program of the shop")
    before, faults = prints_of(grounds_of(service, places)), []
    for route, method, name in swaps():
        call = Call(route, service, own, method, htmx=False)
        answer = ask(call, body_for(call) | {name: key_at(name, low)}, before)
        mine = name == "ticket" and key_at(name, low) == key_at(name, own)  # two shops may have a ticket of one number
        if (answer.status not in {404, 409} and not mine) or answer.wrote:
            faults.append(f"{call} with {name} of another shop: {answer.status} {answer.wrote}")
    assert faults == []
    assert len(list(swaps())) >= FEWEST


def test_no_body_takes_another_clients_key(world: World, places: list[Place]) -> None:
    own = places[0]
    other = next(each for each in places if each.name == "north two")
    service = next(each for each in actors.programs(world, places) if each.name == "program of the shop")
    for route, method, name in swaps():
        if name not in {"contact", "site", "asset", "cc"}:
            continue
        call = Call(route, service, own, method, htmx=False)
        answer = ask(call, body_for(call) | {name: key_at(name, other)})
        assert answer.status == 409, f"{call} with {name} of another client"
