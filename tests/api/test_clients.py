"""Clients, sites, contacts and equipment by the API."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Asset, Client, Contact, Site
from msp.audit.models import Entry
from msp.tenancy.context import enter
from msp.tenancy.ids import new_id
from tests.api.calling import program
from tests.world import World

QUERIES_OF_LIST = 11


def test_a_client_is_added_read_and_changed(world: World) -> None:
    tech = program(world.north, "technician")
    made = tech.post("clients/", {"name": "Quayside Dental", "phone": "0191 496 0123"})
    assert made.status_code == 201
    said = made.json()
    assert (said["name"], said["phone"], said["country"], said["zone"]) == (
        "Quayside Dental", "+44 191 496 0123", "GB", "Europe/London",
    )  # fmt: skip
    address = f"clients/{said['id']}/"
    assert tech.get(address).json() == said
    changed = tech.patch(address, {"trade": "Dentists"}, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.json()) == (200, said | {"trade": "Dentists"})
    with enter(world.north.scope()):
        client = Client.objects.get(pk=said["id"])
        assert client.trade == "Dentists"
        assert Site.objects.get(client=client).is_main
        entry = Entry.objects.get(verb="client.created")
        assert (entry.actor_kind, entry.actor_id) == ("token", str(tech.token.pk))  # type: ignore[union-attr]
        assert entry.actor_name == "Technician Northgate (Program of technician)"


def test_who_was_slower_is_told(world: World) -> None:
    tech, address = program(world.north, "technician"), f"clients/{world.north.one.client.pk}/"
    mark = tech.get(address).headers["ETag"]
    assert tech.patch(address, {"trade": "Harbours"}, If_Match=mark).status_code == 200
    late = tech.patch(address, {"trade": "Boats"}, If_Match=mark)
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert tech.patch(address, {"trade": "Boats"}, If_Match="W/" + tech.get(address).headers["ETag"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "name"),
        ({"name": " "}, 422, "name"),
        ({"name": 7}, 422, "name"),
        ({"name": "X", "colour": "red"}, 422, "colour"),
        ({"name": "X", "zone": "Mars/Base"}, 422, "zone"),
        ({"name": "X", "website": "javascript:alert(1)"}, 422, "website"),
        ({"name": "X", "phone": "call me"}, 409, "phone"),
        ({"name": "nul \x00"}, 422, "name"),
    ],
)
def test_what_is_wrong_is_said(world: World, body: object, status: int, field: str) -> None:
    answer = program(world.north, "technician").post("clients/", body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert field in answer.json()["errors"]


def test_parts_of_a_client(world: World) -> None:
    tech, one = program(world.north, "technician"), world.north.one
    site = tech.post("sites/", {"client": str(one.client.pk), "name": "Dock 2"}).json()
    contact = tech.post(
        "contacts/", {"client": str(one.client.pk), "name": "Hana", "site": site["id"], "email": "hana@harbour.example"}
    ).json()
    asset = tech.post("assets/", {"client": str(one.client.pk), "name": "DOCK-PC", "site": site["id"]}).json()
    assert (site["zone"], contact["language"], asset["kind"]) == ("Europe/London", "en", "computer")
    assert tech.patch(f"assets/{asset['id']}/", {"site": None, "kind": "laptop"}).json()["kind"] == "laptop"
    found = tech.get(f"contacts/?client={one.client.pk}&email=HANA@harbour.example").json()
    assert [row["id"] for row in found["items"]] == [contact["id"]]
    with enter(world.north.scope()):
        assert Asset.objects.get(pk=asset["id"]).site is None
        assert Contact.objects.get(pk=contact["id"]).site_id == UUID(site["id"])


def test_what_belongs_to_another_client_is_not_there(world: World) -> None:
    tech, one, two = program(world.north, "technician"), world.north.one, world.north.two
    for client, site in ((one, two.site.pk), (one, world.low.one.site.pk), (one, new_id())):
        body = {"client": str(client.client.pk), "name": "Astray", "site": str(site)}
        answer = tech.post("contacts/", body)
        assert (answer.status_code, list(answer.json()["errors"])) == (409, ["site"])
    astray = tech.post("sites/", {"client": str(world.low.one.client.pk), "name": "Astray"})
    assert (astray.status_code, list(astray.json()["errors"])) == (409, ["client"])
    twin = tech.post("sites/", {"client": str(one.client.pk), "name": "Main office"})
    assert (twin.status_code, twin.json()["code"]) == (409, "conflict")


def test_pages_go_on_where_the_last_one_ended(world: World) -> None:
    tech = program(world.north, "technician")
    for number in range(5):
        tech.post("clients/", {"name": f"Client {number}"})
    seen, address = [], "/api/v1/clients/?limit=3"
    while address:
        page = tech.get(address).json()
        seen += [row["name"] for row in page["items"]]
        address = page["next"].removeprefix("http://localhost") if page["next"] else ""
    assert seen == ["Harbour Northgate", "Orchard Northgate", *(f"Client {number}" for number in range(5))]
    assert tech.get(page["previous"].removeprefix("http://localhost")).json()["items"][-1]["name"] == "Client 3"
    assert tech.get("clients/?after=nonsense").json()["code"] == "no_such_page"
    assert [tech.get(f"clients/?{wrong}").status_code for wrong in ("limit=0", "limit=x", "colour=red")] == [422] * 3


@pytest.mark.parametrize("kind", ["clients", "sites", "contacts", "assets"])
def test_a_list_asks_as_much_for_three_rows_as_for_one(world: World, kind: str) -> None:
    tech = program(world.north, "technician")
    tech.get("clients/")
    body = {} if kind == "clients" else {"client": str(world.north.one.client.pk)}
    asked = []
    for limit in (1, 3):
        for number in range(limit):
            tech.post(f"{kind}/", body | {"name": f"{kind} {limit} {number}"})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(tech.get(f"{kind}/?limit={limit}").json()["items"]) == limit
        asked.append(len(queries))
    assert asked == [QUERIES_OF_LIST, QUERIES_OF_LIST]
