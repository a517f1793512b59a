"""The client pages: they work, roles are refused, another shop's rows are not there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Asset, Client, ClientNote, Contact, Site
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

CLIENT = {
    "name": "Calder & Bright",
    "trade": "Solicitors",
    "phone": "0191 496 0123",
    "email": "office@calderbright.example",
    "website": "https://calderbright.example",
    "address": "1 Quay Street",
    "country": "GB",
    "zone": "Europe/London",
    "currency": "GBP",
    "language": "en",
    "since": "2020-03-01",
}


def entries(world: World) -> list[tuple[str, str]]:
    with enter(world.north.scope()):
        return list(Entry.objects.order_by("at", "id").values_list("verb", "actor_name"))


def test_list_shows_own_clients_by_name(world: World) -> None:
    page = world.north.browser("technician").get("/clients/").content.decode()
    assert page.index("Harbour Northgate") < page.index("Orchard Northgate")
    assert "Lowmoor" not in page


@pytest.mark.parametrize(("words", "found"), [("harb", True), ("north harb", True), ("bour", False), ("zzz", False)])
def test_list_finds_by_the_start_of_words(world: World, words: str, found: bool) -> None:
    page = world.north.browser("read_only").get("/clients/", {"q": words}).content.decode()
    assert ("Harbour Northgate" in page) is found


def test_list_needs_the_same_queries_for_one_and_three(world: World) -> None:
    browser = world.north.browser("technician")
    counts = []
    for slug in ("a", "b"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get("/clients/").status_code == 200
        counts.append(len(queries))
        with enter(world.north.scope()):
            Client.objects.create(name=slug, slug=slug, country="GB", zone="UTC", currency="GBP", language="en")
    assert counts[0] == counts[1]


def test_create_adds_a_client_its_main_site_and_says_who_did_it(world: World) -> None:
    answer = world.north.browser("office_manager").post("/clients/new/", CLIENT)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/clients/calder-bright/")
    with enter(world.north.scope()):
        client = Client.objects.get(slug="calder-bright")
        assert {name: str(getattr(client, name)) for name in CLIENT} == CLIENT | {"phone": "+44 191 496 0123"}
        site = Site.objects.get(client=client)
        assert (site.name, site.is_main, site.address, site.zone) == (
            "Main site",
            True,
            "1 Quay Street",
            "Europe/London",
        )
    who = "Office Manager Northgate"
    assert entries(world) == [("client.created", who), ("site.created", who)]


def test_a_second_client_of_the_same_name_gets_its_own_address(world: World) -> None:
    browser = world.north.browser("owner")
    found = [browser.post("/clients/new/", CLIENT).headers["Location"] for _ in range(3)]
    assert found == ["/clients/calder-bright/", "/clients/calder-bright-2/", "/clients/calder-bright-3/"]


def test_a_mistake_keeps_what_was_typed(world: World) -> None:
    answer = world.north.browser("owner").post("/clients/new/", CLIENT | {"phone": "call me"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write the phone number with its area code" in page
    assert "call me" in page
    assert "Calder &amp; Bright" in page
    assert entries(world) == []


def test_markup_is_shown_as_text(world: World) -> None:
    location = (
        world.north.browser("owner").post("/clients/new/", CLIENT | {"name": "<script>x</script>"}).headers["Location"]
    )
    page = world.north.browser("owner").get(location).content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>x" not in page


def test_change_writes_what_differs_and_keeps_the_old_value(world: World) -> None:
    client = world.north.one.client
    values = {name: getattr(client, name) or "" for name in CLIENT} | {"trade": "Dentist", "since": "2019-01-02"}
    assert world.north.browser("technician").post(f"/clients/{client.slug}/edit/", values).status_code == 302
    with enter(world.north.scope()):
        entry = Entry.objects.get()
        assert entry.data == {
            "name": client.name,
            "was": {"trade": "", "since": None},
            "now": {"trade": "Dentist", "since": "2019-01-02"},
        }
        assert (entry.verb, entry.subject_id, entry.client_id) == ("client.changed", client.pk, client.pk)
        assert Client.objects.get(pk=client.pk).since == date(2019, 1, 2)


def test_archive_and_undo(world: World) -> None:
    browser, client = world.north.browser("owner"), world.north.one.client
    browser.post(f"/clients/{client.slug}/archive/")
    assert client.name not in browser.get("/clients/").content.decode().split('id="toasts"')[0]
    assert client.name in browser.get("/clients/?view=archived").content.decode()
    browser.post(f"/clients/{client.slug}/restore/")
    assert client.name in browser.get("/clients/").content.decode()
    assert [verb for verb, _name in entries(world)] == ["client.archived", "client.restored"]


PARTS: list[tuple[str, type[Any], dict[str, Any]]] = [
    ("sites", Site, {"name": "Depot", "address": "", "phone": "", "zone": "Europe/Berlin"}),
    (
        "people",
        Contact,
        {"name": "Marie Coyle", "email": "marie@x.example", "language": "en", "phone": "020 7946 0000"},
    ),
    ("equipment", Asset, {"name": "HD-SRV02", "kind": "server"}),
]


@pytest.mark.parametrize(("plural", "model", "values"), PARTS)
def test_parts_are_added_changed_archived_and_brought_back(
    world: World, plural: str, model: type[Any], values: dict[str, Any]
) -> None:
    browser, client = world.north.browser("technician"), world.north.one.client
    root = f"/clients/{client.slug}/{plural}/"
    assert browser.post(f"{root}new/", values).status_code == 302
    with enter(world.north.scope()):
        row = model.objects.get(name=values["name"])
        assert row.client_id == client.pk
    assert browser.post(f"{root}{row.pk}/edit/", values | {"name": "Renamed"}).status_code == 302
    assert "Renamed" in browser.get(f"/clients/{client.slug}/").content.decode()
    browser.post(f"{root}{row.pk}/archive/")
    with enter(world.north.scope()):
        assert model.objects.get(pk=row.pk).is_archived
    assert "Renamed" not in browser.get(f"/clients/{client.slug}/").content.decode().split('id="toasts"')[0]
    assert f"{row.pk}/restore/" in browser.get(f"/clients/{client.slug}/?view=archived").content.decode()
    browser.post(f"{root}{row.pk}/restore/")
    kind = model._meta.model_name
    assert [verb for verb, _name in entries(world)] == [
        f"{kind}.{act}" for act in ("created", "changed", "archived", "restored")
    ]


def test_a_site_whose_name_was_taken_says_so_instead_of_coming_back(world: World) -> None:
    client, browser = world.north.one.client, world.north.browser("technician")
    with enter(world.north.scope()):
        gone = Site.objects.create(client=client, name="Annexe", zone="Europe/London", archived_at=NOW)
        Site.objects.create(client=client, name="Annexe", zone="Europe/London")
    answer = browser.post(f"/clients/{client.slug}/sites/{gone.pk}/restore/", follow=True)
    assert "There is another Annexe by now." in answer.content.decode()
    with enter(world.north.scope()):
        assert Site.objects.get(pk=gone.pk).archived_at == NOW


def test_the_main_site_stays_until_another_takes_over(world: World) -> None:
    browser, one = world.north.browser("owner"), world.north.one
    root = f"/clients/{one.client.slug}/sites/"
    browser.post(f"{root}{one.site.pk}/archive/")
    with enter(world.north.scope()):
        assert not Site.objects.get(pk=one.site.pk).is_archived
    browser.post(f"{root}new/", {"name": "Depot", "zone": "Europe/London", "is_main": "on"})
    with enter(world.north.scope()):
        assert list(Site.objects.filter(client=one.client, is_main=True).values_list("name", flat=True)) == ["Depot"]
    browser.post(f"{root}{one.site.pk}/archive/")
    with enter(world.north.scope()):
        assert Site.objects.get(pk=one.site.pk).is_archived


def test_a_contact_cannot_be_given_another_clients_site(world: World) -> None:
    one, two = world.north.one, world.north.two
    values = PARTS[1][2] | {"site": str(two.site.pk)}
    answer = world.north.browser("owner").post(f"/clients/{one.client.slug}/people/new/", values)
    assert answer.status_code == 422


def test_notes_are_kept_pinned_changed_and_taken_off(world: World) -> None:
    browser, client = world.north.browser("technician"), world.north.one.client
    browser.post(f"/clients/{client.slug}/notes/new/", {"body": "Key under the mat is gone."})
    with enter(world.north.scope()):
        note = ClientNote.objects.get()
        assert (note.author_name, note.author_id) == (
            world.north.staff["technician"].name,
            world.north.staff["technician"].pk,
        )
    root = f"/clients/{client.slug}/notes/{note.pk}/"
    browser.post(f"{root}edit/", {"body": "Ask Marie for the key."})
    browser.post(f"{root}pin/")
    assert "Ask Marie for the key." in browser.get(f"/clients/{client.slug}/").content.decode()
    assert f'data-undo="{root}restore/"' in browser.post(f"{root}archive/", follow=True).content.decode()
    assert "Ask Marie" not in browser.get(f"/clients/{client.slug}/").content.decode()
    browser.post(f"{root}restore/")
    assert "Ask Marie" in browser.get(f"/clients/{client.slug}/").content.decode()
    verbs = ["created", "changed", "pinned", "archived", "restored"]
    assert [verb for verb, _name in entries(world)] == [f"client_note.{verb}" for verb in verbs]
    with enter(world.north.scope()):
        assert Entry.objects.get(verb="client_note.changed").data == {"was": "Key under the mat is gone."}


def test_read_only_members_change_nothing(world: World) -> None:
    browser, client = world.north.browser("read_only"), world.north.one.client
    assert browser.get(f"/clients/{client.slug}/").status_code == 200
    for path in ("new/", f"{client.slug}/edit/", f"{client.slug}/people/new/", f"{client.slug}/archive/"):
        assert browser.post(f"/clients/{path}", CLIENT).status_code == 403
    assert entries(world) == []


def test_another_shops_client_is_not_there(world: World) -> None:
    browser, other = world.north.browser("owner"), world.low.one
    root = f"/clients/{other.client.slug}/"
    for path in ("", "edit/", "people/new/", f"people/{other.anna.pk}/edit/", f"sites/{other.site.pk}/edit/"):
        assert browser.get(root + path).status_code == 404
    assert browser.post(f"{root}archive/").status_code == 404


def test_a_record_is_found_under_its_own_client_only(world: World) -> None:
    browser, north = world.north.browser("owner"), world.north
    assert browser.get(f"/clients/{north.two.client.slug}/people/{north.one.anna.pk}/edit/").status_code == 404
