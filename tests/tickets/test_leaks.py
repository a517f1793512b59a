"""The leak guard: what gives another client away stops a reply, and ordinary words do not."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.actions import add_asset, add_contact, change, create_client, keep_names
from clients.choices import NameKind
from clients.models import Client, Contact, KnownName
from clients.rules.names import Name, of_client, of_person, of_thing
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.models import Message, Ticket
from tickets.queries.leaks import find_leaks
from tickets.rules import Along
from tickets.rules.leaks import STOP, Asked, Known, Leaking, asked_by, weigh
from tickets.rules.leaks import find_leaks as judge

THEM = UUID(int=7)


def known(names: set[Name], client: str = "Orchard Lane Dental Ltd", sharers: int = 0) -> list[Known]:
    return [Known(name.kind, name.key, name.said, THEM, client, sharers) for name in sorted(names, key=str)]


def named(text: str, names: set[Name], **given: Any) -> list[str]:
    return [leak.text for leak in judge(asked_by(text), known(names), **given)]


COMPANY = of_client(name="Orchard Lane Dental Ltd", website="https://www.orchardlane.example/")
PERSON = of_person(name="Anita Patel", email="anita@orchardlane.example")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("As we did for Orchard Lane Dental last week.", ["Orchard Lane Dental"]),
        ("orchard lane dental has the same router", ["orchard lane dental"]),
        ("Orchard-Lane Dental's router", ["Orchard-Lane Dental"]),
        ("It was the same for the people at Orchard Lane.", []),
        ("See https://intranet.orchardlane.example/help", ["intranet.orchardlane.example"]),
        ("An orchard down the lane. Dental floss helps.", []),
        ("Dental Lane Orchard", []),
        ("OrchardLaneDental", []),
    ],
)
def test_a_company_of_several_words(text: str, found: list[str]) -> None:
    assert named(text, COMPANY) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Anita Patel told me so.", ["Anita Patel"]),
        ("anita patel told me so.", ["anita patel"]),
        ("Anita told me so.", []),
        ("Mr Patel told me so.", ["Patel"]),
        ("Dr. Patel told me so.", ["Patel"]),
        ("The Patel method.", []),
        ("I asked Anita. Patel is somebody else.", []),
        ("Write to ANITA@orchardlane.example, please", ["ANITA@orchardlane.example"]),
        ("Someone@orchardlane.example would know", ["Someone@orchardlane.example"]),
        ("notorchardlane.example is free", []),
    ],
)
def test_a_person(text: str, found: list[str]) -> None:
    assert named(text, PERSON) == found


@pytest.mark.parametrize(
    ("name", "text", "stops"),
    [
        ("Summit", "I climbed to the summit of the list.", False),
        ("Summit", "Summit meetings are dull.", False),
        ("Summit", "We saw this at Summit on Monday.", True),
        ("Kowalczyk", "kowalczyk had it as well", True),
        ("IBM Ltd", "The IBM server", True),
        ("IBM Ltd", "the ibm server", False),
        ("The Office", "Please open Office and try again.", True),
        ("The Office", "Open the office door.", False),
    ],
)
def test_a_company_of_one_word(name: str, text: str, stops: bool) -> None:
    assert bool(named(text, of_client(name=name))) is stops


def test_weak_signs_of_one_client_add_up() -> None:
    mixed = of_client(name="Summit") | of_thing(name="SRV01")
    assert named("The summit is near", mixed) == []
    assert named("The summit is near srv01", mixed) == ["srv01", "summit"]
    shared = [Known(n.kind, n.key, n.said, THEM, "Summit", 5) for n in of_thing(name="SRV01")]
    assert judge(asked_by("srv01 restarts"), shared) == []


def test_what_many_clients_say_is_a_word() -> None:
    wine = of_client(name="Weinberg")
    assert named("der weinberg", wine) == ["weinberg"]
    assert named("der weinberg", wine, common={"weinberg": 4}) == []


def test_equipment_is_known_by_names_that_only_machines_bear() -> None:
    assert of_thing(name="Printer") == set()
    assert {name.kind for name in of_thing(name="OLD-SRV01", serial="5CG1234XYZ")} == {NameKind.HOST, NameKind.SERIAL}
    machine = of_thing(name="OLD-SRV01")
    assert named("old-srv01.local does not answer", machine) == ["old-srv01.local"]
    assert named("the old srv01", machine) == []


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = st.text(st.characters(codec="utf-8", categories=("L",)), min_size=2, max_size=9)


@patient
@given(st.lists(WORDS, min_size=2, max_size=4), st.text(max_size=60), st.text(max_size=60))
def test_a_capitalised_name_between_anything_is_found(parts: list[str], before: str, after: str) -> None:
    """Whatever stands around it: the name's span is among what is asked for."""
    name = " ".join(parts)
    for one in of_person(name=name):
        if one.kind == NameKind.PERSON:
            assert one.key in asked_by(f"{before} {name} {after}").names


@patient
@given(st.text(max_size=400))
def test_any_text_is_read_and_every_span_stands_in_it(text: str) -> None:
    asked = asked_by(text)
    assert all(spans for spans in asked.names.values())
    assert judge(asked, known(COMPANY | PERSON)) == [] or any(
        c in text.casefold() for c in ("orchard", "patel", "anita")
    )


@patient
@given(st.lists(st.sampled_from("summit office we had the same on monday at with printers".split()), max_size=30))  # noqa: SIM905
def test_lower_case_words_never_stop_a_reply(words: list[str]) -> None:
    for company in ("Summit", "Office", "The Monday Office", "Same Printers"):
        assert [leak for leak in named(" ".join(words), of_client(name=company)) if " " not in leak] == []


@patient
@given(st.sampled_from(sorted(COMPANY | PERSON, key=str)), st.booleans())
def test_a_weight_is_a_per_cent(name: Name, begins: bool) -> None:
    one = known({name})[0]
    spans = Asked({name.key: asked_by(f"x {name.said}").names.get(name.key, [])}).spans(one)
    assert all(0 <= weigh(one, span, {}) <= 100 for span in spans)
    assert STOP <= 100


# --- against rows ---


def known_rows(shop: ShopWorld) -> None:
    """The world makes its rows directly; say what the actions would keep of them."""
    with enter(shop.scope()):
        for side in (shop.one, shop.two):
            for row in (side.client, side.site, side.asset, side.anna, side.ben):
                keep_names(row)


def texts(shop: ShopWorld, ticket: Ticket, body: str, *to: str) -> list[tuple[str, str]]:
    with enter(shop.scope()):
        return [(leak.text, leak.client) for leak in find_leaks(ticket, body, to)]


def test_only_other_clients_of_the_shop_are_known(world: World) -> None:
    north = world.north
    known_rows(north)
    known_rows(world.low)
    ticket = make_ticket(north)
    body = "Anna Harbour and Harbour Northgate, HARBOUR-SRV01. Orchard Lowmoor. Technician Northgate."
    assert texts(north, ticket, body) == []
    assert texts(north, ticket, "Like Ben Orchard and ORCHARD-SRV01") == [
        ("Ben Orchard", "Orchard Northgate"),
        ("ORCHARD-SRV01", "Orchard Northgate"),
    ]


def test_recipients_of_another_client(world: World) -> None:
    north = world.north
    known_rows(north)
    ticket = make_ticket(north)
    assert texts(north, ticket, "Hello", "anna@harbour-north.example", "someone@gmail.com") == []
    assert {text for text, _client in texts(north, ticket, "Hello", north.two.anna.email)} == {north.two.anna.email}
    assert texts(north, ticket, "Hello", "new@orchard-north.example") == [
        ("new@orchard-north.example", "Orchard Northgate")
    ]


def test_names_follow_what_is_written_down(world: World) -> None:
    north = world.north
    ticket, actor = make_ticket(north), north.staff["owner"].as_actor()
    where = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
    with enter(north.scope()):
        zenith = create_client(actor=actor, now=NOW, values={"name": "Zenith Foods Ltd", **where})
        zoe = add_contact(
            actor=actor, now=NOW, client=zenith, values={"name": "Zoe Quill", "phone": "+44 20 7946 0123"}
        )
        add_asset(actor=actor, now=NOW, client=zenith, values={"name": "ZEN-NAS1"})
    assert [text for text, _ in texts(north, ticket, "Zoe Quill at Zenith Foods: zen-nas1, 020 7946 0123")] == [
        "020 7946 0123",
        "Zenith Foods",
        "Zoe Quill",
        "zen-nas1",
    ]
    with enter(north.scope()):
        change(actor=actor, now=NOW, row=zoe, values={"name": "Zoe Marsh", "phone": ""})
    assert [text for text, _ in texts(north, ticket, "Zoe Quill, Zoe Marsh, 020 7946 0123")] == ["Zoe Marsh"]
    with enter(north.portal_scope(north.one.anna)), pytest.raises(Exception, match="closed to the portal"):
        KnownName.objects.count()


def test_the_action_refuses_until_a_reason_is_said(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    known_rows(north)
    ticket = make_ticket(north)
    given: dict[str, Any] = {
        "actor": tech.as_actor(),
        "now": NOW,
        "ticket": ticket,
        "author": tech,
        "to": north.one.anna,
    }
    with enter(north.scope()):
        with pytest.raises(Leaking):
            actions.reply_publicly(**given, body="Ask Ben Orchard how he did it.")
        assert Message.objects.count() == 1
        along = Along(although="They asked to be introduced")
        actions.reply_publicly(**given, body="Ask Ben Orchard how he did it.", along=along)
        entry = Entry.objects.get(verb="ticket.leak_allowed")
        assert entry.data == {
            "named": "Ben Orchard (Orchard Northgate)",
            "because": "They asked to be introduced",
        }


def test_the_composer_keeps_everything_and_asks_why(world: World) -> None:
    north = world.north
    known_rows(north)
    make_ticket(north)
    browser = north.browser("technician")
    values = {
        "mode": "reply",
        "to": str(north.one.anna.pk),
        "cc": [str(north.one.ben.pk)],
        "form_key": str(uuid4()),
        "body": "The same as at Orchard Northgate.",
        "minutes": "25",
        "status": "waiting_client",
    }
    answer = browser.post("/tickets/1/write/", values)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<b>Orchard Northgate</b>" in page
    assert 'name="although"' in page
    for kept in ("The same as at Orchard Northgate.", 'value="25"', 'value="waiting_client" selected', "Ben Harbour"):
        assert kept in page
    assert browser.post("/tickets/1/write/", values | {"mode": "note", "note": values["body"]}).status_code == 302
    answer = browser.post("/tickets/1/write/", values | {"form_key": str(uuid4()), "although": "They know each other"})
    assert answer.status_code == 302
    with enter(north.scope()):
        assert Entry.objects.get(verb="ticket.leak_allowed").data["because"] == "They know each other"


def test_the_queries_stay_the_same_for_many_clients(world: World) -> None:
    north = world.north
    known_rows(north)
    ticket = make_ticket(north)
    body = "Ben Orchard has it as well, and so has Orchard Northgate."
    counts = []
    for more in (0, 60):
        with enter(north.scope()):
            _grow(more)
        with enter(north.scope()), CaptureQueriesContext(connection) as queries:
            found = find_leaks(ticket, body)
        counts.append(len(queries))
        assert len(found) == 2
    assert counts == [4, 4]


def _grow(number: int) -> None:
    for n in range(number):
        client = Client.objects.create(
            name=f"Company {n} Works",
            slug=f"company-{n}",
            country="GB",
            zone="Europe/London",
            currency="GBP",
            language="en",
        )
        keep_names(client)
        for m in range(3):
            keep_names(Contact.objects.create(client=client, name=f"Person{m} Of{n}", language="en"))
