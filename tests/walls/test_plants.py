"""The walls test is awake: each fault that it is there for, planted, is found and named."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from msp.jobs.registry import JOB_KINDS, JobKind
from tests.walls import actors, vocabulary
from tests.walls.plants import Place
from tests.walls.routes import Route, all_routes
from tests.walls.test_walk import undeclared
from tests.walls.test_work import strays
from tests.walls.walk import walk
from tests.world import World

PLANTED = "tests.walls.planted"
TWO = ("owner", "technician")


@pytest.fixture
def planted(settings: Settings) -> dict[str, Route]:
    settings.ROOT_URLCONF = PLANTED
    return {str(route): route for route in all_routes()}


def test_a_route_without_a_door(planted: dict[str, Route]) -> None:
    assert undeclared() == ["without-a-door"]


def test_an_address_that_nobody_can_fill(planted: dict[str, Route], places: list[Place]) -> None:
    with pytest.raises(KeyError, match="no value for nobody_knows"):
        vocabulary.value_of(*planted["unknown-name"].kwargs, places[0])


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("tells", "GET tells as owner about north one shows leaklow"),
        ("refuses", "refuses as owner about low lowone answered 403, wanted 404"),
        ("answers", "answers as owner about low lowone answered in, wanted 404"),
        ("breaks", "broke: ZeroDivisionError"),
        ("writes", "POST writes as owner about north one changed others' rows in clients_client"),
    ],
)
def test_a_view_that_fails_its_door(
    world: World, places: list[Place], planted: dict[str, Route], name: str, complaint: str
) -> None:
    tally = walk([planted[name]], actors.staff(world, places)[:1], places, deep=True)
    assert [fault for fault in tally.faults if complaint in fault] != []


@pytest.mark.parametrize("name", ["public", "public-key"])
def test_a_public_page_that_tells_of_a_shop(places: list[Place], planted: dict[str, Route], name: str) -> None:
    tally = walk([planted[name]], [actors.nobody(places)], places)
    assert any(f"GET {name} as anonymous" in fault and "shows leak" in fault for fault in tally.faults)


def test_a_page_about_oneself_that_answers_about_others(
    world: World, places: list[Place], planted: dict[str, Route]
) -> None:
    owner, technician = (next(each for each in actors.staff(world, places) if each.name == name) for name in TWO)
    tally = walk([planted["membership"]], [owner], places)
    assert any("membership as owner about north one answered in, wanted 404" in fault for fault in tally.faults)
    assert walk([planted["membership"]], [technician], places[:1]).faults == []


def test_a_job_that_strays(world: World, places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    kind = JobKind("strays", "Strays", f"{PLANTED}.Strays")
    monkeypatch.setitem(JOB_KINDS, kind.name, kind)
    monkeypatch.setitem(vocabulary.PAYLOADS, kind.name, lambda place: {"tenant": place.shop.tenant.pk})
    assert strays(kind.name, world, places, about=places[0]) == ["clients_client", "jobs.Job"]
