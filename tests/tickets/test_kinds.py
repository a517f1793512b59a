"""What kind of ticket it is: categories with fields, labels, priority from impact and urgency, and the shop's settings of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.models import Category, CustomField, Label, Ticket, TicketLabel, TicketSettings
from tickets.queries.catalogue import fields_of, said_on
from tickets.rules import Along, Refused
from tickets.rules.kinds import is_answered, kept_answer, weighed


def category(world: World, name: str = "Network", **values: Any) -> Category:
    with enter(world.north.scope()):
        return Category.objects.create(name=name, **values)


def field(world: World, of: Category, name: str, **values: Any) -> CustomField:
    with enter(world.north.scope()):
        return CustomField.objects.create(category=of, name=name, **values)


def test_the_matrix_gives_the_priority() -> None:
    matrix = [1, 1, 2, 1, 2, 3, 2, 3, 4]
    assert [weighed(matrix, impact, urgency) for impact in (1, 2, 3) for urgency in (1, 2, 3)] == matrix


def test_answers_are_kept_as_json() -> None:
    assert [kept_answer(each) for each in (True, False, None, "", "x", date(2026, 11, 23))] == [
        True,
        False,
        "",
        "",
        "x",
        "2026-11-23",
    ]
    assert [is_answered(each) for each in (True, False, "", "x", None, {"words": 1})] == [
        True,
        False,
        False,
        True,
        False,
        False,
    ]


def test_impact_and_urgency_give_a_priority_that_can_be_changed_and_undone(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    browser.post("/tickets/1/weight/", {"impact": "1"}, follow=True)
    with enter(north.scope()):
        assert Ticket.objects.values_list("impact", "urgency", "priority").get() == (1, None, 3)
    answer = browser.post("/tickets/1/weight/", {"urgency": "1"}, follow=True)
    undo = re.search(r'data-undo="([^"]+)"', answer.content.decode())
    assert undo is not None
    with enter(north.scope()):
        assert Ticket.objects.values_list("impact", "urgency", "priority").get() == (1, 1, 1)
        said = Entry.objects.filter(verb="ticket.weighed").order_by("-id")[0]
        assert said.data == {"impact": "Everybody", "urgency": "Work stands still"}
    browser.post("/tickets/1/priority/", {"priority": "2"})
    browser.post(undo[1].replace("&amp;", "&"))
    with enter(north.scope()):
        assert Ticket.objects.values_list("impact", "urgency", "priority").get() == (1, None, 3)
    assert browser.post("/tickets/1/weight/", {"impact": "9"}).status_code == 400
    assert browser.post("/tickets/1/weight/").status_code == 400
    assert north.browser("read_only").post("/tickets/1/weight/", {"impact": "1"}).status_code == 403
    assert world.low.browser("technician").post("/tickets/1/weight/", {"impact": "1"}).status_code == 404


def test_a_category_brings_its_fields_and_its_parents(world: World) -> None:
    network = category(world)
    wifi = category(world, "Wi-Fi", parent=network)
    field(world, network, "Building", position=2)
    field(world, wifi, "Access point")
    field(world, category(world, "Printing"), "Tray")
    with enter(world.north.scope()):
        assert [each.name for each in fields_of(wifi)] == ["Building", "Access point"]
        assert [each.name for each in fields_of(network)] == ["Building"]
        assert fields_of(None) == []


def test_choosing_a_category_asks_its_questions_and_undo_takes_it_back(world: World) -> None:
    north, network = world.north, category(world)
    floor = field(world, network, "Floor", kind="number")
    since = field(world, network, "Since", kind="date")
    kind = field(world, network, "Cable", kind="choice", options=["Copper", "Fibre"])
    urgent = field(world, network, "On fire", kind="checkbox")
    make_ticket(north)
    browser = north.browser("technician")
    page = browser.post("/tickets/1/category/", {"category": str(network.pk)}, follow=True).content.decode()
    assert "not answered" in page
    given = {f"f-{floor.pk}": "2", f"f-{since.pk}": "2026-11-20", f"f-{kind.pk}": "Fibre", f"f-{urgent.pk}": "on"}
    assert browser.post("/tickets/1/fields/", given | {f"f-{kind.pk}": "Glass"}).status_code == 422
    assert browser.post("/tickets/1/fields/", given).status_code == 302
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert ticket.answers == {
            str(floor.pk): "2",
            str(since.pk): "2026-11-20",
            str(kind.pk): "Fibre",
            str(urgent.pk): True,
        }
        assert [(each.field.name, each.value) for each in said_on(ticket)] == [
            ("Cable", "Fibre"),
            ("Floor", "2"),
            ("On fire", True),
            ("Since", date(2026, 11, 20)),
        ]
        assert Entry.objects.filter(verb="ticket.fields_answered").get().data == {
            "names": "Cable, Floor, On fire, Since"
        }
        CustomField.objects.filter(pk=kind.pk).update(options=["Copper"])
    assert "Fibre (no longer offered)" in browser.get("/tickets/1/fields/").content.decode()
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    browser.post(undo[1].replace("&amp;", "&"))
    with enter(north.scope()):
        assert Ticket.objects.get().category is None
    assert browser.post("/tickets/1/category/", {"category": "nonsense"}).status_code == 404


def test_a_ticket_is_not_solved_before_its_questions_are_answered_except_by_the_client(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    network = category(world)
    cause = field(world, network, "Cause", needed="solve")
    ticket, other = make_ticket(north, category=network), make_ticket(north, category=network)
    with enter(north.scope()):
        given = {"actor": tech.as_actor(), "now": NOW, "ticket": ticket}
        with pytest.raises(Refused, match="answer: Cause"):
            actions.change_status(**given, status="solved")
        with pytest.raises(Refused, match="answer: Cause"):
            actions.reply_publicly(**given, author=tech, body="Done", to=north.one.anna, along=Along(status="solved"))
        actions.answer_fields(**given, answers={str(cause.pk): "Cable", "unknown": "x"})
        assert actions.change_status(**given, status="solved").status == "solved"
        waiting = {"actor": tech.as_actor(), "now": NOW, "ticket": other}
        actions.change_status(**waiting, status="waiting_client")
        contact = north.one.anna.membership.as_actor()
        assert actions.confirm_solved(actor=contact, now=NOW, ticket=other).status == "solved"


def test_a_new_ticket_is_asked_what_its_category_wants_to_know(world: World) -> None:
    north, network = world.north, category(world)
    building = field(world, network, "Building", needed="open")
    browser = north.browser("technician")
    assert "Building" in browser.get(f"/tickets/new/fields/?category={network.pk}").content.decode()
    given = {"subject": "No net", "body": "Since nine", "priority": "3", "assignee": "", "category": str(network.pk)}
    path = "/tickets/new/?client=harbour-north"
    refused = browser.post(path, given)
    assert (refused.status_code, "Building" in refused.content.decode()) == (422, True)
    assert browser.post(path, given | {f"f-{building.pk}": "North wing"}).status_code == 302
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.category, ticket.answers) == (network, {str(building.pk): "North wing"})


def test_labels_go_on_and_off_and_stay_unseen_by_clients(world: World) -> None:
    north = world.north
    make_ticket(north)
    with enter(north.scope()):
        vip = Label.objects.create(name="Handle with care", colour="danger")
    with enter(world.low.scope()):
        foreign = Label.objects.create(name="Theirs")
    browser = north.browser("technician")
    page = browser.post("/tickets/1/label/", {"label": str(vip.pk)}, follow=True).content.decode()
    assert '<span class="badge tag-danger">Handle with care</span>' in page
    assert "Handle with care" not in north.portal(north.one.anna).get("/portal/requests/1/").content.decode()
    assert '<span class="badge tag-danger">' in browser.get("/tickets/?view=team").content.decode()
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    browser.post(undo[1].replace("&amp;", "&"))
    with enter(north.scope()):
        assert not TicketLabel.objects.exists()
        assert set(Entry.objects.filter(verb__startswith="ticket.").values_list("verb", flat=True)) >= {
            "ticket.labelled",
            "ticket.unlabelled",
        }
    assert browser.post("/tickets/1/label/", {"label": str(foreign.pk)}).status_code == 404


def test_the_list_is_narrowed_by_category_label_age_and_deadline(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"].as_actor()
    network = category(world)
    part = category(world, "Wi-Fi", parent=network)
    for values in ({"category": network}, {"category": part}, {}):
        make_ticket(north, now=NOW.replace(year=2025), **values)
    with enter(north.scope()):
        vip = Label.objects.create(name="Care")
        actions.put_label(actor=tech, now=NOW, ticket=Ticket.objects.get(number=3), label=vip)
        Ticket.objects.filter(number=2).update(next_clock_at=NOW.replace(year=2025))
    browser = north.browser("technician")

    def numbers(query: str) -> set[str]:
        return set(re.findall(r'<tr id="t(\d+)"', browser.get(f"/tickets/?view=team&{query}").content.decode()))

    assert numbers(f"category={network.pk}") == {"1", "2"}
    assert numbers(f"category={part.pk}") == {"2"}
    assert numbers(f"label={vip.pk}") == {"3"}
    assert numbers("late=on") == {"2"}
    assert numbers("older=30") == {"1", "2", "3"}
    make_ticket(north, now=NOW.replace(year=2030))
    assert "4" not in numbers("older=1")


@pytest.mark.parametrize(
    ("plural", "first", "second", "wrong"),
    [
        (
            "labels",
            {"name": "Care", "colour": "ok"},
            {"name": "Great care", "colour": "warn"},
            {"name": "Care", "colour": "x"},
        ),
        (
            "categories",
            {"name": "Care", "position": "0"},
            {"name": "Great care", "position": "1"},
            {"name": "", "position": "0"},
        ),
    ],
)
def test_the_shop_keeps_its_words(
    world: World, plural: str, first: dict[str, str], second: dict[str, str], wrong: dict[str, str]
) -> None:
    north, path = world.north, f"/settings/{plural}/"
    owner = north.browser("owner")
    assert "None yet" in owner.get(path).content.decode()
    assert owner.post(f"{path}new/", first).status_code == 302
    assert owner.post(f"{path}new/", first).status_code == 422  # the name is taken
    assert owner.post(f"{path}new/", wrong).status_code == 422
    with enter(north.scope()):
        row: Any = (Label if plural == "labels" else Category).objects.get()
    assert owner.post(f"{path}{row.pk}/", second).status_code == 302
    assert "Great care" in owner.get(path).content.decode()
    page = owner.post(f"{path}{row.pk}/archive/", follow=True).content.decode()
    assert "Archived" in page
    owner.post(f"{path}new/", second)
    again = owner.post(f"{path}{row.pk}/restore/", follow=True).content.decode()
    assert "There is another one called “Great care” by now." in again
    assert north.browser("dispatcher").get(path).status_code == 403
    assert world.low.browser("owner").get(f"{path}{row.pk}/").status_code == 404
    with enter(north.scope()):
        verbs = list(Entry.objects.filter(verb__startswith="word.").order_by("id").values_list("verb", flat=True))
    assert verbs == ["word.added", "word.changed", "word.archived", "word.added"]


def test_fields_and_parts_are_checked(world: World) -> None:
    owner, network = world.north.browser("owner"), category(world)
    part = category(world, "Wi-Fi", parent=network)
    given = {
        "category": str(network.pk),
        "name": "Cable",
        "kind": "choice",
        "options": "",
        "needed": "never",
        "position": "0",
    }
    assert owner.post("/settings/fields/new/", given).status_code == 422
    assert owner.post("/settings/fields/new/", given | {"options": "Copper\n Fibre \n\nCopper"}).status_code == 302
    with enter(world.north.scope()):
        assert CustomField.objects.get().options == ["Copper", "Fibre"]
    assert "Cable" in owner.get("/settings/fields/").content.decode()
    nested = {"name": "Roaming", "parent": str(part.pk), "position": "0"}
    assert owner.post("/settings/categories/new/", nested).status_code == 422
    assert (
        owner.post(
            f"/settings/categories/{network.pk}/", {"name": "Net", "parent": str(part.pk), "position": "0"}
        ).status_code
        == 422
    )


def test_limits_and_the_matrix_are_the_shops(world: World) -> None:
    owner = world.north.browser("owner")
    shown = owner.get("/settings/tickets/").content.decode()
    assert (shown.count(">Everybody<"), shown.count(">Work stands still<")) == (1, 3)
    given = {"files_each": "3", "file_mb": "5", "mailed_mb": "2", "reopen_days": "30"}
    given |= {f"m{number}": "4" for number in range(9)}
    assert owner.post("/settings/tickets/", given | {"file_mb": "26"}).status_code == 422
    assert owner.post("/settings/tickets/", given | {"reopen_days": "0"}).status_code == 422
    assert owner.post("/settings/tickets/", given).status_code == 302
    with enter(world.north.scope()):
        row = TicketSettings.objects.get()
        assert (row.files_each, row.file_mb, row.mailed_mb, row.reopen_days) == (3, 5, 2, 30)
        assert row.matrix == [4] * 9
    assert world.north.browser("technician").get("/settings/tickets/").status_code == 403
