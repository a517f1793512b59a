"""Long lists come by the page and say so; nothing is cut without a word, and their length costs no queries."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Asset, ClientNote, Contact, Site
from clients.queries import records
from msp.files import documents
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.choices import Status
from tickets.models import Message, Ticket
from tickets.queries import portal as reading
from tickets.views import tickets as views


def fill(world: World, number: int) -> None:
    """So many sites, contacts, assets and notes more, called by their number."""
    north = world.north
    client, author = north.one.client, north.staff["owner"]
    with enter(north.scope()):
        for at in range(number):
            name = f"{at:02} {uuid4().hex[:6]}"
            Site.objects.create(client=client, name=f"Site {name}")
            Contact.objects.create(client=client, name=f"Person {name}")
            Asset.objects.create(client=client, name=f"Thing {name}", kind="other")
            ClientNote.objects.create(client=client, author=author, author_name=author.name, body=f"Note {name}")


def test_every_part_of_the_client_page_has_pages_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PART_SIZE", 4)
    fill(world, 6)
    browser, path = world.north.browser("technician"), world.north.one.client.get_absolute_url()
    for part, words in (("people", "Person"), ("assets", "Thing"), ("sites", "Site"), ("notes", "Note")):
        seen, address = [], "?"
        while address:
            page = browser.get(path + address).content.decode()
            seen += re.findall(rf"{words} (\d\d) \w{{6}}(?:<|$)", page, re.MULTILINE)
            links = re.findall(r'href="(\?[^"#]*)#[\w-]+" rel="next"', page)
            address = next((link.replace("&amp;", "&") for link in links if f"part={part}" in link), "")
        assert sorted(set(seen)) == [f"{number:02}" for number in range(6)], part


def test_the_client_page_asks_the_same_for_one_and_three(world: World) -> None:
    browser, path, counts = world.north.browser("technician"), world.north.one.client.get_absolute_url(), []
    for more in (1, 2):
        fill(world, more)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        counts.append(len(queries))
    assert counts == [16, 16]


def test_the_portals_people_come_by_the_page(world: World) -> None:
    fill(world, 50)
    browser = world.north.portal(world.north.one.anna)
    first = browser.get("/portal/people/").content.decode()
    following = re.search(r'href="(\?after=[^"]+)"', first)
    assert following
    second = browser.get(f"/portal/people/{following[1]}").content.decode()
    people = [re.findall(r'class="t-title" href="/portal/people/', page) for page in (first, second)]
    assert [len(found) for found in people] == [50, 2]


@pytest.mark.parametrize(
    ("role", "path", "back", "rows"),
    [
        ("technician", "/tickets/export/?view=team", "/tickets/?view=team", "tickets.views.queues.ticket_rows"),
        (
            "office_manager",
            "/billing/invoices/export.csv?view=all",
            "/billing/invoices/?view=all",
            "billing.views.invoices.invoice_rows",
        ),
        ("technician", "/promises/export/?state=due", "/promises/?state=due", "clients.views.promises.promise_rows"),
    ],
)
def test_a_table_that_is_too_long_is_refused_with_a_way_on(
    world: World, monkeypatch: pytest.MonkeyPatch, *, role: str, path: str, back: str, rows: str
) -> None:
    browser = world.north.browser(role)
    monkeypatch.setattr(documents, "MOST_ROWS", 2)
    monkeypatch.setattr(rows, lambda *_args: iter([["a"], ["b"]]))
    answer = browser.get(path)
    assert answer["Content-Type"].startswith("text/csv")
    assert answer.content.decode().splitlines()[1:] == ["a", "b"]
    monkeypatch.setattr(rows, lambda *_args: iter([["a"], ["b"], ["c"]]))
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (302, back)
    assert "Narrow the list by its filters" in browser.get(back).content.decode()


def test_a_long_conversation_shows_the_client_its_end_and_the_way_to_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SHOWN_AT_FIRST", 3)
    now = timezone.now()
    north, ticket = world.north, make_ticket(world.north, now=now - timedelta(days=1))
    given = {
        "ticket": ticket,
        "client_id": ticket.client_id,
        "author": north.staff["technician"],
        "visibility": "public",
        "visible_at": now - timedelta(hours=1),
    }
    with enter(north.scope()):
        for at in range(5):
            Message.objects.create(**given, author_name="Maya", body=f"Answer {at}", at=now - timedelta(hours=9 - at))
    browser = north.portal(north.one.anna)
    page = browser.get("/portal/requests/1/").content.decode()
    assert "Show 3 earlier messages" in page
    assert re.findall(r"<p>(Answer \d)", page) == ["Answer 2", "Answer 3", "Answer 4"]
    whole = browser.get("/portal/requests/1/?all").content.decode()
    assert "earlier message" not in whole
    assert len(re.findall(r"<p>(Answer \d)", whole)) == 5


def test_the_portals_first_page_counts_what_it_does_not_show(world: World) -> None:
    north, actor, now = world.north, world.north.staff["technician"].as_actor(), timezone.now()
    made = [make_ticket(north, now=now, subject=f"Wish {number}") for number in range(21)]
    with enter(north.scope()):
        for status, some in ((Status.WAITING_CLIENT, made[:7]), (Status.SOLVED, made[7:14])):
            for ticket in some:
                actions.change_status(actor=actor, now=now, ticket=Ticket.objects.get(pk=ticket.pk), status=status)
    page = north.portal(north.one.anna).get("/portal/").content.decode()
    assert "14 things need you." in page
    assert "We are working on 7 requests." in page
    assert len(re.findall(r"Wish \d+</a>", page)) == 10


def test_long_lists_of_time_say_what_they_leave_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "TIMES_SHOWN", 2)
    north, ticket, tech = world.north, make_ticket(world.north), world.north.staff["technician"]
    with enter(north.scope()):
        for minutes in (10, 20, 30):
            actions.log_time(actor=tech.as_actor(), now=NOW, ticket=ticket, member=tech, minutes=minutes, note="Toner")
    browser = north.browser("technician")
    page = browser.get("/tickets/1/").content.decode()
    assert (page.count(", Toner<br>"), "Show 1 earlier entry" in page) == (2, True)
    page = browser.get("/tickets/1/?all").content.decode()
    assert (page.count(", Toner<br>"), "earlier entr" in page) == (3, False)
