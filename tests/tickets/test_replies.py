"""Saved replies: whose they are, what fills their blanks, and that they only ever land in the box."""

from __future__ import annotations

import pytest

from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import World
from tickets.models import Message, SavedReply
from tickets.rules.placeholders import filled, first_name, unknown_blanks


def test_blanks_are_filled_and_other_braces_stay() -> None:
    assert filled("Hi {first_name}, {number} {x}", {"first_name": "Anna", "number": "#1"}) == "Hi Anna, #1 {x}"
    assert unknown_blanks("{me} {you} {you} {subject}") == ["you"]


@pytest.mark.parametrize(
    ("name", "first"), [("Dr. Anita Patel", "Anita"), ("Prof Ng", "Ng"), ("Mr", "Mr"), ("Bo", "Bo")]
)
def test_people_are_greeted_by_their_first_name(name: str, first: str) -> None:
    assert first_name(name) == first


def test_the_shops_and_ones_own_are_offered_with_the_tickets_words(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    make_ticket(north)
    with enter(north.scope()):
        SavedReply.objects.create(name="Greeting", body="Hello {first_name}, about {number}: {subject}. {me}")
        SavedReply.objects.create(name="Mine", body="Own words", owner=tech)
        SavedReply.objects.create(name="Hers", body="Not mine", owner=north.staff["owner"])
    part = north.browser("technician").get("/tickets/1/replies/").content.decode()
    assert f"Hello Anna, about #1: Printer jams. {tech.name}" in part
    assert "Own words" in part
    assert "Not mine" not in part
    assert world.low.browser("technician").get("/tickets/1/replies/").status_code == 404
    assert north.browser("read_only").get("/tickets/1/replies/").status_code == 403
    with enter(north.scope()):
        assert Message.objects.count() == 1


def test_one_writes_ones_own_and_the_shops_are_its_managers(world: World) -> None:
    north = world.north
    tech, owner = north.browser("technician"), north.browser("owner")
    given = {"name": "Greeting", "body": "Hello {first_name}", "everybody": "on"}
    assert tech.post("/replies/new/", given | {"body": "Hello {name}"}).status_code == 422
    assert tech.post("/replies/new/", given).status_code == 302
    assert owner.post("/replies/new/", given).status_code == 302
    with enter(north.scope()):
        own = SavedReply.objects.get(owner=north.staff["technician"])
        shared = SavedReply.objects.get(owner=None)
    assert tech.get(f"/replies/{shared.pk}/").status_code == 403
    assert owner.get(f"/replies/{own.pk}/").status_code == 404
    assert tech.post(f"/replies/{own.pk}/", given | {"name": "Hello"}).status_code == 302
    assert tech.post(f"/replies/{shared.pk}/archive/").status_code == 403
    assert "was archived" in tech.post(f"/replies/{own.pk}/archive/", follow=True).content.decode()
    assert "Hello" not in tech.get("/replies/").content.decode().replace("Hello {first_name}", "")
    assert "is back" in tech.post(f"/replies/{own.pk}/archive/", follow=True).content.decode()
    assert world.low.browser("owner").get(f"/replies/{shared.pk}/").status_code == 404
