"""Tickets, conversations and time by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Promise
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.api.calling import Program, program
from tests.tickets.levels import furnish
from tests.tickets.making import make_ticket
from tests.world import World
from tickets import actions
from tickets.models import Label, Message, Ticket, TimeEntry

QUERIES_OF_LIST = 12
QUERIES_OF_MESSAGES = 13
QUERIES_OF_TIME = 11


def opened(tech: Program, world: World, **more: object) -> dict[str, object]:
    one = world.north.one
    body = {
        "client": str(one.client.pk),
        "subject": "Printer jams",
        "body": "Every second page.",
        "contact": str(one.anna.pk),
    }
    answer = tech.post("tickets/", body | more)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def test_a_post_is_one_ticket_of_the_right_client_with_its_promises(world: World) -> None:
    north = world.north
    furnish(north)
    service = program(north, "", ["tickets:write"])
    body = {
        "client": str(north.one.client.pk),
        "subject": "Disk is full",
        "body": "C: has 0 bytes left.",
        "priority": 2,
    }
    body["contact"] = str(north.one.anna.pk)
    first, again = (service.post("tickets/", body, Idempotency_Key="alert-4711") for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.client, ticket.contact, ticket.door, ticket.priority) == (
            north.one.client,
            north.one.anna,
            "api",
            2,
        )
        owed = Promise.objects.filter(subject_id=ticket.pk, client=north.one.client, state="open")
        assert {promise.kind for promise in owed} == {"first_response", "next_update", "resolution"}
        said = Message.objects.get()
        assert (said.author, said.contact, said.author_name) == (None, north.one.anna, north.one.anna.name)
        entry = Entry.objects.get(verb="ticket.opened")
        assert (entry.actor_kind, entry.actor_name) == ("token", "Program of the shop")


def test_a_person_opens_in_their_own_name(world: World) -> None:
    ticket = opened(program(world.north, "technician"), world)
    with enter(world.north.scope()):
        said = Message.objects.get(ticket__number=ticket["number"])
        assert (said.author, said.author_name) == (world.north.staff["technician"], "Technician Northgate")


def test_what_belongs_to_another_client_is_refused(world: World) -> None:
    tech, two = program(world.north, "technician"), world.north.two
    body = {"client": str(world.north.one.client.pk), "subject": "X", "body": "Y"}
    for name, row in (
        ("contact", two.anna),
        ("site", two.site),
        ("asset", two.asset),
        ("client", world.low.one.client),
    ):
        answer = tech.post("tickets/", body | {name: str(row.pk)})
        assert (answer.status_code, list(answer.json()["errors"])) == (409, [name])
    with enter(world.north.scope()):
        assert not Ticket.objects.exists()


def test_all_of_a_change_happens_or_nothing(world: World) -> None:
    dispatcher = program(world.north, "dispatcher")
    ticket = opened(dispatcher, world)
    address = f"tickets/{ticket['number']}/"
    tech = world.north.staff["technician"]
    mark = dispatcher.get(address).headers["ETag"]
    wanted = {"priority": 1, "status": "in_progress", "assignee": str(tech.pk), "summary": "Looked at the rollers."}
    changed = dispatcher.patch(address, wanted, If_Match=mark).json()
    assert (changed["priority"], changed["status"], changed["assignee"]["name"], changed["summary"]) == (
        1, "in_progress", tech.name, "Looked at the rollers.",
    )  # fmt: skip
    refused = dispatcher.patch(address, {"priority": 4, "status": "new"})
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert dispatcher.get(address).json() == changed
    assert dispatcher.patch(address, {"priority": 4}, If_Match=mark).status_code == 412


def test_to_give_a_ticket_to_somebody_else_is_a_right(world: World) -> None:
    tech = program(world.north, "technician")
    address, staff = f"tickets/{opened(tech, world)['number']}/", world.north.staff
    assert tech.patch(address, {"assignee": str(staff["owner"].pk)}).status_code == 403
    assert tech.patch(address, {"assignee": str(staff["technician"].pk)}).status_code == 200
    assert tech.patch(address, {"assignee": str(world.low.staff["owner"].pk)}).status_code == 409
    assert program(world.north, "").patch(address, {"assignee": str(staff["owner"].pk)}).status_code == 200


def test_a_reply_is_mailed_in_the_name_of_a_person_and_keeps_the_promise(world: World) -> None:
    north = world.north
    furnish(north)
    tech = program(north, "technician")
    address = f"tickets/{opened(tech, world)['number']}/messages/"
    body = {"kind": "reply", "body": "New rollers are on the way.", "cc": [str(north.one.ben.pk)], "minutes": 15}
    answer = tech.post(address, body | {"status": "waiting_supplier", "work_note": "Ordered"})
    assert answer.status_code == 201
    assert [row["email"] for row in answer.json()["recipients"]] == [north.one.anna.email, north.one.ben.email]
    with enter(north.scope()):
        mail = OutgoingMail.objects.get(purpose_key=f"message:{answer.json()['id']}")
        assert (mail.automatic, "Technician Northgate" in mail.text, "Program of" in mail.text) == (False, True, False)
        assert Promise.objects.get(kind="first_response").state == "kept"
        assert TimeEntry.objects.get().minutes == 15
        assert Ticket.objects.get().status == "waiting_supplier"
    narrow = program(north, "technician", ["tickets:write"])
    assert narrow.post(address, body).json()["code"] == "missing_scope"


def test_a_service_token_says_who_writes(world: World) -> None:
    north, service = world.north, program(world.north, "")
    address, tech = f"tickets/{opened(service, world)['number']}/messages/", north.staff["technician"]
    reply = {"kind": "reply", "body": "It is done."}
    assert service.post(address, reply).status_code == 409
    assert service.post(address, reply | {"author": str(world.low.staff["owner"].pk)}).status_code == 409
    assert service.post(address, reply | {"author": str(tech.pk)}).json()["author_name"] == tech.name
    assert (
        service.post(address, {"kind": "note", "body": "Disk at 91 %."}).json()["author_name"] == "Program of the shop"
    )
    for more in ({"cc": []}, {"although": "x"}, {"minutes": 5}):
        assert service.post(address, {"kind": "note", "body": "x"} | more).status_code == 409
    mine = program(north, "owner")
    assert mine.post(address, reply | {"author": str(tech.pk)}).status_code == 409
    kinds = [(row["visibility"], row["author_name"]) for row in mine.get(address).json()["items"]]
    assert kinds == [("public", "Anna Harbour"), ("public", tech.name), ("internal", "Program of the shop")]


def test_a_reply_that_names_another_client_waits_for_a_reason(world: World) -> None:
    from clients.actions import keep_names  # noqa: PLC0415

    north, tech = world.north, program(world.north, "technician")
    address = f"tickets/{opened(tech, world)['number']}/messages/"
    with enter(north.scope()):
        keep_names(north.two.client)
        keep_names(north.two.anna)
    body = {"kind": "reply", "body": f"Please ask {north.two.anna.email} about it."}
    stopped = tech.post(address, body)
    assert (stopped.status_code, stopped.json()["code"]) == (409, "leaking")
    assert {leak["client"] for leak in stopped.json()["leaks"]} == {north.two.client.name}
    assert tech.post(address, body | {"although": "They asked me to"}).status_code == 201


def test_a_promised_update_lies_ahead(world: World) -> None:
    furnish(world.north)
    tech = program(world.north, "technician")
    address = f"tickets/{opened(tech, world)['number']}/messages/"
    for ahead, status in ((timedelta(hours=-1), 409), (timedelta(hours=3), 201)):
        at = (timezone.now() + ahead).isoformat()
        assert tech.post(address, {"kind": "reply", "body": "Soon.", "next_update_at": at}).status_code == status


def test_time_is_logged_in_ones_own_name(world: World) -> None:
    north, tech = world.north, program(world.north, "technician")
    number = opened(tech, world)["number"]
    entry = tech.post("time-entries/", {"ticket": number, "minutes": 25, "note": "Cleaned the rollers"}).json()
    assert (entry["ticket"], entry["minutes"], entry["member"]["name"]) == (number, 25, "Technician Northgate")
    assert tech.post("time-entries/", {"ticket": 4711, "minutes": 5}).status_code == 409
    assert tech.post("time-entries/", {"ticket": number, "minutes": 1441}).status_code == 422
    service = program(north, "", ["time:write"])
    assert service.post("time-entries/", {"ticket": number, "minutes": 5}).status_code == 409
    assert (
        service.post(
            "time-entries/", {"ticket": number, "minutes": 5, "member": str(north.staff["owner"].pk)}
        ).status_code
        == 201
    )
    mine = tech.get(f"time-entries/?member={north.staff['technician'].pk}&ticket={number}").json()["items"]
    assert [row["id"] for row in mine] == [entry["id"]]
    assert tech.get("time-entries/?started_since=2999-01-01T00:00:00Z").status_code == 409
    assert tech.get("time-entries/?started_since=yesterday").status_code == 422


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [3, 2, 1]),
        ("?view=unassigned", [2, 1]),
        ("?priority=1", [3]),
        ("?q=roller", [2]),
        ("?status=solved", []),
        ("?changed_since=2100-01-01T00:00:00%2B02:00", []),
        ("?limit=2", [3, 2]),
    ],
)
def test_filters(world: World, query: str, numbers: list[int]) -> None:
    make_ticket(world.north)
    make_ticket(world.north, body="A roller squeaks.")
    make_ticket(world.north, world.north.two, contact=world.north.two.anna, assignee="technician", priority=1)
    found = program(world.north, "read_only").get(f"tickets/{query}").json()["items"]
    assert [row["number"] for row in found] == numbers


def test_a_list_of_tickets_asks_as_much_for_three_as_for_one(world: World) -> None:
    north, tech = world.north, program(world.north, "technician")
    tech.get("clients/")
    with enter(north.scope()):
        label = Label.objects.create(name="Warranty")
    asked = []
    for limit in (1, 3):
        for _ in range(limit):
            ticket = make_ticket(north, assignee="technician", site=north.one.site, asset=north.one.asset)
            with enter(north.scope()):
                actions.put_label(actor=north.staff["owner"].as_actor(), now=timezone.now(), ticket=ticket, label=label)
        with CaptureQueriesContext(connection) as queries:
            rows = tech.get(f"tickets/?limit={limit}").json()["items"]
        assert [row["labels"] for row in rows] == [["Warranty"]] * limit
        asked.append(len(queries))
    assert asked == [QUERIES_OF_LIST, QUERIES_OF_LIST]


def test_lists_of_messages_and_time_ask_as_much_for_three_as_for_one(world: World) -> None:
    tech = program(world.north, "technician")
    number = opened(tech, world)["number"]
    asked = []
    for limit in (1, 3):
        for count in range(limit):
            tech.post(f"tickets/{number}/messages/", {"kind": "note", "body": f"Note {count}", "minutes": 5})
        for address in (f"tickets/{number}/messages/", "time-entries/"):
            with CaptureQueriesContext(connection) as queries:
                assert len(tech.get(f"{address}?limit={limit}").json()["items"]) == limit
            asked.append(len(queries))
    assert asked == [QUERIES_OF_MESSAGES, QUERIES_OF_TIME] * 2


def test_another_shops_ticket_is_not_there(world: World) -> None:
    opened(program(world.north, "technician"), world)
    low = program(world.low, "owner")
    for answer in (low.get("tickets/1/"), low.patch("tickets/1/", {"priority": 1}), low.get("tickets/1/messages/")):
        assert answer.status_code == 404
