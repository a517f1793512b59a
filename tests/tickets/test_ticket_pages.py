"""The staff's ticket pages: they work, roles are refused, other shops' tickets are not there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Contact
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.tickets.asking import HTMX, composed, get, undo_of
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.models import Message, Ticket, TimeEntry, Timer


@pytest.mark.parametrize(
    "path",
    [
        "/tickets/{}/",
        "/tickets/{}/thread/",
        "/tickets/{}/about/",
        "/tickets/{}/time/00000000-0000-7000-8000-000000000000/",
    ],
)
def test_another_shops_ticket_is_not_there(world: World, path: str) -> None:
    make_ticket(world.low)
    assert world.north.browser("owner").get(path.format(1)).status_code == 404


def test_another_shops_ticket_takes_no_post(world: World) -> None:
    make_ticket(world.low)
    browser = world.north.browser("owner")
    for part in ("write", "status", "assignee", "priority", "about", "subject", "summary", "undo", "timer", "time"):
        assert browser.post(f"/tickets/1/{part}/").status_code == 404
    with enter(world.low.scope()):
        assert [entry.verb for entry in Entry.objects.all()] == ["ticket.opened"]


def test_read_only_people_read(world: World) -> None:
    make_ticket(world.north)
    browser = world.north.browser("read_only")
    page = browser.get("/tickets/1/").content.decode()
    assert "Printer jams" in page
    assert 'id="composer"' not in page
    for part in ("write", "status", "assignee", "priority", "about", "subject", "summary", "undo", "timer", "time"):
        assert browser.post(f"/tickets/1/{part}/").status_code == 403
    for path in ("/today/", "/time/", "/tickets/new/"):
        assert browser.get(path).status_code == 403
    assert browser.post("/tickets/bulk/").status_code == 403


def test_a_client_is_chosen_before_the_ticket_with_and_without_script(world: World) -> None:
    assert "Harbour Northgate" in get(world, "/tickets/new/")
    found = get(world, "/tickets/new/?q=orch")
    assert "Orchard Northgate" in found
    assert "Harbour Northgate" not in found
    part = world.north.browser("technician").get("/tickets/new/?q=orch", headers=HTMX).content.decode()
    assert part.lstrip().startswith("<ul")
    assert "orchard-north" in part


def test_opening_a_ticket(world: World) -> None:
    north = world.north
    values = {
        "subject": "No sound",
        "body": "Since this morning.",
        "contact": str(north.one.ben.pk),
        "site": str(north.one.site.pk),
        "asset": str(north.one.asset.pk),
        "priority": "2",
        "assignee": str(north.staff["technician"].pk),
    }
    answer = north.browser("technician").post("/tickets/new/?client=harbour-north", values)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tickets/1/")
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.subject, ticket.contact, ticket.priority) == ("No sound", north.one.ben, 2)
        assert ticket.assignee_id == north.staff["technician"].pk
        assert Message.objects.get().body == "Since this morning."


def test_a_mistake_keeps_what_was_typed_and_refuses_another_clients_contact(world: World) -> None:
    north = world.north
    values = {"subject": "", "body": "Typed with care", "contact": str(north.two.anna.pk), "priority": "3"}
    answer = north.browser("technician").post("/tickets/new/?client=harbour-north", values)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Typed with care" in page
    assert north.two.anna.email not in page
    with enter(north.scope()):
        assert not Ticket.objects.exists()


def test_technicians_take_tickets_and_dispatchers_give_them(world: World) -> None:
    north = world.north
    make_ticket(north)
    owner = str(north.staff["owner"].pk)
    assert north.browser("technician").post("/tickets/1/assignee/", {"assignee": owner}).status_code == 403
    assert north.browser("technician").post("/tickets/1/assignee/", {"assignee": "me"}).status_code == 302
    assert north.browser("dispatcher").post("/tickets/1/assignee/", {"assignee": owner}).status_code == 302
    lost = str(world.low.staff["owner"].pk)
    assert north.browser("dispatcher").post("/tickets/1/assignee/", {"assignee": lost}).status_code == 404
    with enter(north.scope()):
        assert str(Ticket.objects.get().assignee_id) == owner


def test_the_page_shows_the_conversation_and_keeps_the_boxes_apart(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north, assignee="technician", site=north.one.site, asset=north.one.asset)
    with enter(north.scope()):
        actions.add_note(actor=tech.as_actor(), now=NOW, ticket=ticket, author=tech, body="Ask <b>Ben</b>\n\nfirst")
    page = get(world, "/tickets/1/")
    assert "noted by Technician Northgate" in page
    assert "Ask &lt;b&gt;Ben&lt;/b&gt;" in page
    assert "HARBOUR-SRV01" in page
    assert re.search(r'<textarea id="note"[^>]*></textarea>', page)
    assert re.search(r'<textarea id="body"[^>]*></textarea>', page)
    assert "Send to Anna Harbour" in page


def test_a_long_conversation_shows_its_end_first(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    with enter(north.scope()):
        for number in range(45):
            at = NOW + timedelta(minutes=number + 1)
            actions.add_note(actor=tech.as_actor(), now=at, ticket=ticket, author=tech, body=f"Note no. {number}.")
    page = get(world, "/tickets/1/")
    assert "Show 6 earlier messages" in page
    assert "Note no. 4." not in page
    assert page.index("Note no. 5.") < page.index("Note no. 44.")
    whole = get(world, "/tickets/1/?all")
    assert "Note no. 4." in whole
    asks = re.search(r'hx-get="([^"]*/thread/[^"]*)"', whole)
    assert asks is not None
    assert "Note no. 4." in get(world, asks[1])  # half a minute later, too


def test_writing_sends_logs_and_moves_on_in_one_submit(world: World) -> None:
    north = world.north
    make_ticket(north)
    sent = composed(
        world, cc=[str(north.one.ben.pk)], minutes="1:05", work_note="Cleaned rollers", status="waiting_client"
    )
    browser = north.browser("technician")
    assert set(sent) <= set(
        re.findall(r'name="(\w+)"', browser.get("/tickets/1/").content.decode())
    )  # all can be typed
    answer = browser.post("/tickets/1/write/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tickets/1/")
    browser.post("/tickets/1/write/", sent)  # the second click
    with enter(north.scope()):
        ticket, message, entry = Ticket.objects.get(), Message.objects.get(body="On it."), TimeEntry.objects.get()
        assert (ticket.status, entry.minutes, entry.note) == ("waiting_client", 65, "Cleaned rollers")
        assert [r["name"] for r in message.recipients] == ["Anna Harbour", "Ben Harbour"]
        assert OutgoingMail.objects.get().cc == [north.one.ben.email]
    page = get(world, "/tickets/1/")
    assert "Send to Anna Harbour and Ben Harbour" in page


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"body": "", "note": "For the team"}, "Write something first."),
        ({"mode": "note", "note": ""}, "Write something first."),
        ({"minutes": "a while"}, "Write minutes, like 45 or 1:30"),
        ({"minutes": "1441"}, "Write minutes, like 45 or 1:30"),
    ],
)
def test_a_mistake_in_the_composer_keeps_both_boxes(world: World, values: dict[str, str], says: str) -> None:
    make_ticket(world.north)
    given = composed(world) | {"note": "Half a note"} | values
    answer = world.north.browser("technician").post("/tickets/1/write/", given, headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 422
    assert says in part
    assert part.lstrip().startswith('<div id="composing"><form')
    for box in ("body", "note"):
        assert given[box] in part
    with enter(world.north.scope()):
        assert Message.objects.count() == 1


def test_nothing_is_sent_when_the_contact_was_changed_meanwhile(world: World) -> None:
    north = world.north
    make_ticket(north, contact=north.one.ben)
    answer = north.browser("technician").post("/tickets/1/write/", composed(world), headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 409
    assert "The contact was changed meanwhile." in part
    assert "On it." in part
    assert "Send to Ben Harbour" in part
    with enter(north.scope()):
        assert not OutgoingMail.objects.exists()


def test_a_reply_reaches_the_tickets_contact_behind_fifty_others(world: World) -> None:
    north = world.north
    with enter(north.scope()):
        names = [f"Aaron {number:02}" for number in range(51)]
        Contact.objects.bulk_create(Contact(client=north.one.client, name=name, decides=True) for name in names)
    make_ticket(north)
    assert north.browser("technician").post("/tickets/1/write/", composed(world)).status_code == 302
    with enter(north.scope()):
        assert OutgoingMail.objects.get().to == [north.one.anna.email]


def test_a_reply_to_somebody_archived_says_so(world: World) -> None:
    north = world.north
    make_ticket(north)
    with enter(north.scope()):
        Contact.objects.filter(pk=north.one.anna.pk).update(archived_at=NOW)
    answer = north.browser("technician").post("/tickets/1/write/", composed(world), headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 409
    assert "Anna Harbour is archived. Choose somebody else." in part
    assert "archived: choose somebody else" in part
    assert "On it." in part
    with enter(north.scope()):
        assert not OutgoingMail.objects.exists()


def test_each_property_saves_at_once_and_can_be_undone(world: World) -> None:
    north = world.north
    make_ticket(north, assignee="owner")
    browser = north.browser("dispatcher")
    changes = {"status": "in_progress", "priority": "1", "assignee": str(north.staff["dispatcher"].pk)}
    for name, value in changes.items():
        answer = browser.post(f"/tickets/1/{name}/", {name: value}, headers=HTMX)
        assert answer.status_code == 200
        assert 'class="props"' in answer.content.decode()
        back = browser.post(undo_of(answer), headers=HTMX)
        assert back.headers["HX-Redirect"] == "/tickets/1/"
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.status, ticket.priority, ticket.assignee_id) == ("new", 3, north.staff["owner"].pk)
    assert browser.post("/tickets/1/status/", {"status": "lost"}).status_code == 400
    assert browser.post("/tickets/1/priority/", {"priority": "9"}).status_code == 400


def test_a_stale_rewrite_shows_both_versions(world: World) -> None:
    make_ticket(world.north)
    browser = world.north.browser("technician")
    assert browser.post("/tickets/1/summary/", {"was": "", "text": "Rollers\r\nare worn"}).status_code == 302
    answer = browser.post("/tickets/1/summary/", {"was": "", "text": "Something else"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Something else" in page
    assert "Rollers<br>are worn" in page
    assert browser.post("/tickets/1/summary/", {"was": "Rollers\nare worn", "text": "Mine"}).status_code == 302
    assert browser.post("/tickets/1/subject/", {"was": "Printer jams", "text": "Kyocera jams"}).status_code == 302
    assert browser.post("/tickets/1/subject/", {"was": "Kyocera jams", "text": " "}).status_code == 302
    with enter(world.north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.summary, ticket.subject) == ("Mine", "Kyocera jams")


def test_contact_site_and_equipment_are_of_the_client(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    wrong = {"contact": str(north.two.anna.pk), "site": "", "asset": ""}
    assert browser.post("/tickets/1/about/", wrong).status_code == 422
    right = {"contact": str(north.one.ben.pk), "site": "", "asset": str(north.one.asset.pk)}
    assert browser.post("/tickets/1/about/", right).status_code == 302
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.contact, ticket.site, ticket.asset) == (north.one.ben, None, north.one.asset)


def test_a_poll_of_the_conversation_answers_only_news(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    browser = north.browser("owner")
    mark = re.search(r'name="seen" value="(\w+)"', browser.get("/tickets/1/thread/").content.decode())
    assert mark is not None
    path = f"/tickets/1/thread/?seen={mark[1]}"
    assert browser.get(path, headers=HTMX).status_code == 204
    with enter(north.scope()):
        actions.add_note(actor=tech.as_actor(), now=timezone.now(), ticket=ticket, author=tech, body="News")
    assert "News" in browser.get(path, headers=HTMX).content.decode()


def test_the_ticket_page_needs_as_many_queries_for_three_messages_as_for_one(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north, assignee="technician")
    browser, counts = north.browser("technician"), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/tickets/1/").status_code == 200
        counts.append(len(queries))
        with enter(north.scope()):
            for number in range(2):
                actions.add_note(
                    actor=tech.as_actor(), now=NOW + timedelta(minutes=number), ticket=ticket, author=tech, body="More"
                )
                actions.log_time(actor=tech.as_actor(), now=NOW, ticket=ticket, member=tech, minutes=5)
    assert counts[0] == counts[1]


def test_timer_on_every_page_and_into_an_entry(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    assert "timer-chip" not in browser.get("/clients/").content.decode()
    assert browser.post("/tickets/1/timer/").status_code == 302
    assert "timer-chip" in browser.get("/clients/").content.decode()
    assert "timer-chip" not in north.browser("owner").get("/clients/").content.decode()
    browser.post("/timer/pause/")
    with enter(north.scope()):
        assert Timer.objects.get().running_since is None
    browser.post("/timer/pause/")
    browser.post("/timer/stop/", {"minutes": "nonsense", "note": ""})
    with enter(north.scope()):
        assert Timer.objects.get().running_since is not None
    browser.post("/timer/stop/", {"minutes": "24", "note": "Rollers"})
    with enter(north.scope()):
        assert TimeEntry.objects.values_list("minutes", "note").get() == (24, "Rollers")
        assert not Timer.objects.exists()
    assert "No timer is running" in browser.post("/timer/stop/", {"minutes": "24"}, follow=True).content.decode()
