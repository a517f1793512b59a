"""What a client's contact sees and does; internal words never reach them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from msp.accounts.models import Membership
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import World
from tickets import actions
from tickets.choices import Door, Status
from tickets.models import Message, Ticket, TimeEntry
from tickets.rules import UNDO_SECONDS

SECRET = "Between us"
EVERY_PAGE = ("/portal/", "/portal/requests/", "/portal/requests/?view=done", "/portal/requests/1/")


@pytest.fixture
def told(world: World) -> World:
    """Ticket 1 of Harbour's: a note, a summary, a timer's note and a reply, all by the technician an hour ago."""
    north, tech = world.north, world.north.staff["technician"]
    ago = timezone.now() - timedelta(hours=1)
    ticket = make_ticket(north, now=ago, assignee="technician")
    with enter(north.scope()):
        given = {"actor": tech.as_actor(), "now": ago, "ticket": ticket}
        actions.add_note(**given, author=tech, body=SECRET)
        actions.rewrite_summary(**given, was="", summary=SECRET)
        actions.log_time(**given, member=tech, minutes=5, note=SECRET)
        actions.reply_publicly(**given, author=tech, body="We are on it.", to=north.one.anna)
    return world


def test_no_page_and_no_mail_tells_what_is_internal(told: World) -> None:
    browser = told.north.portal(told.north.one.anna)
    for path in EVERY_PAGE:
        page = browser.get(path).content.decode()
        assert SECRET not in page
        assert "internal" not in page.lower()
    assert "We are on it." in browser.get("/portal/requests/1/").content.decode()
    with enter(told.north.scope()):
        mail = OutgoingMail.objects.get()
        assert SECRET not in mail.text + mail.html + mail.subject


def test_staff_pages_are_not_there_for_contacts(told: World) -> None:
    browser = told.north.portal(told.north.one.anna)
    for path in ("/tickets/", "/tickets/1/", "/tickets/export/", "/today/", "/time/", "/search/?q=printer"):
        assert browser.get(path).status_code == 404


def test_colleagues_share_requests_other_clients_and_shops_see_none(told: World) -> None:
    north = told.north
    assert "Printer jams" in north.portal(north.one.ben).get("/portal/requests/").content.decode()
    for stranger in (north.portal(north.two.anna), told.low.portal(told.low.one.anna)):
        assert "Printer jams" not in stranger.get("/portal/requests/").content.decode()
        assert stranger.get("/portal/requests/1/").status_code == 404
        for part in ("reply", "confirm"):
            assert stranger.post(f"/portal/requests/1/{part}/", {"body": "Hello"}).status_code == 404


def test_without_the_right_the_door_is_shut(told: World) -> None:
    north = told.north
    with enter(north.scope()):
        Membership.objects.filter(pk=north.one.anna.membership_id).update(granted=["portal.invoices"])
    browser = north.portal(north.one.anna)
    assert browser.get("/portal/").status_code == 200
    assert "Printer jams" not in browser.get("/portal/").content.decode()
    for path in EVERY_PAGE[1:]:
        assert browser.get(path).status_code == 403


def test_asking_for_help(world: World) -> None:
    north = world.north
    browser = north.portal(north.one.anna)
    assert browser.post("/portal/requests/new/", {"subject": "", "body": "Typed"}).status_code == 422
    answer = browser.post("/portal/requests/new/", {"subject": "No sound", "body": "Since today"})
    assert answer.headers["Location"] == "/portal/requests/1/"
    with enter(north.scope()):
        ticket, message = Ticket.objects.get(), Message.objects.get()
        assert (ticket.client, ticket.contact, ticket.site) == (north.one.client, north.one.anna, north.one.site)
        assert (ticket.door, ticket.assignee) == (Door.PORTAL, None)
        assert (message.contact, message.author, message.author_name) == (north.one.anna, None, "Anna Harbour")
        entry = Entry.objects.get()
        assert (entry.verb, entry.actor_kind, entry.actor_name) == ("ticket.opened", "contact", "Anna Harbour")
    assert "from the portal" in north.browser("technician").get("/tickets/1/").content.decode()


def test_a_reply_shows_to_the_client_when_it_can_no_longer_be_taken_back(told: World) -> None:
    north, tech = told.north, told.north.staff["technician"]
    browser = north.portal(north.one.anna)
    with enter(north.scope()):
        now = timezone.now()
        message = actions.reply_publicly(
            actor=tech.as_actor(), now=now, ticket=Ticket.objects.get(), author=tech, body="Oops", to=north.one.anna
        )
    assert "Oops" not in browser.get("/portal/requests/1/").content.decode()
    with enter(north.scope()):
        Message.objects.filter(pk=message.pk).update(visible_at=now - timedelta(seconds=UNDO_SECONDS))
    assert "Oops" in browser.get("/portal/requests/1/").content.decode()


def test_replying_twice_with_one_form_is_one_message(told: World) -> None:
    north = told.north
    browser = north.portal(north.one.ben)
    values = {"body": "Still the same", "form_key": str(uuid4())}
    for _ in range(2):
        assert browser.post("/portal/requests/1/reply/", values).status_code == 302
    assert browser.post("/portal/requests/1/reply/", values | {"body": ""}).status_code == 422
    with enter(north.scope()):
        message = Message.objects.get(body="Still the same")
        assert (message.contact, message.visibility) == (north.one.ben, "public")
        assert Ticket.objects.get().client_waiting_since == message.at


def test_it_works_or_still_wrong(told: World) -> None:
    north = told.north
    actor = north.staff["technician"].as_actor()
    browser = north.portal(north.one.anna)
    assert "It works" not in browser.get("/portal/requests/1/").content.decode()
    assert "still working" in browser.post("/portal/requests/1/confirm/", follow=True).content.decode()
    with enter(north.scope()):
        actions.change_status(actor=actor, now=timezone.now(), ticket=Ticket.objects.get(), status=Status.SOLVED)
    home = browser.get("/portal/").content.decode()
    assert "It works" in home
    assert "1 thing needs you." in home
    assert "What is still wrong?" in browser.get("/portal/requests/1/?wrong").content.decode()
    browser.post("/portal/requests/1/confirm/")
    with enter(north.scope()):
        assert Ticket.objects.get().confirmed_at is not None
    assert "It works" not in browser.get("/portal/").content.decode()
    browser.post("/portal/requests/1/reply/", {"body": "No, it is back", "form_key": str(uuid4())})
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.status, ticket.confirmed_at) == ("in_progress", None)


def test_what_the_first_page_has_no_room_for_is_answered_among_the_done(told: World) -> None:
    north = told.north
    tech = north.staff["technician"]
    with enter(north.scope()):
        for _ in range(6):
            ticket = make_ticket(north, now=timezone.now(), assignee="technician")
            actions.change_status(actor=tech.as_actor(), now=timezone.now(), ticket=ticket, status=Status.SOLVED)
    browser = north.portal(north.one.anna)
    assert '<a class="push" href="/portal/requests/?view=done">1 more</a>' in browser.get("/portal/").content.decode()
    done = browser.get("/portal/requests/?view=done").content.decode()
    assert done.count("It works") == done.count("Still wrong") == 6
    browser.post("/portal/requests/2/confirm/")
    done = browser.get("/portal/requests/?view=done").content.decode()
    assert done.count("It works") == 5
    assert "looks after it" not in done
    assert "Technician Northgate looks after it" not in browser.get("/portal/requests/2/").content.decode()
    assert "Technician Northgate looks after it" in browser.get("/portal/requests/1/").content.decode()


def test_the_portal_says_its_four_words_only(told: World) -> None:
    north = told.north
    words = {
        Status.WAITING_CLIENT: "Waiting for you",
        Status.WAITING_SUPPLIER: "On its way",
        Status.SCHEDULED: "On its way",
        Status.SOLVED: "Done",
        Status.IN_PROGRESS: "In progress",
    }
    browser = north.portal(north.one.anna)
    for status, word in words.items():
        with enter(north.scope()):
            actor = north.staff["technician"].as_actor()
            actions.change_status(actor=actor, now=timezone.now(), ticket=Ticket.objects.get(), status=status)
        assert word in browser.get("/portal/requests/1/").content.decode()


def test_the_request_list_needs_the_same_queries_for_one_and_three(told: World) -> None:
    browser, counts = told.north.portal(told.north.one.anna), []
    for number in (0, 2):
        for _ in range(number):
            make_ticket(told.north, assignee="technician")
        with CaptureQueriesContext(connection) as queries:
            page = browser.get("/portal/requests/").content.decode()
        counts.append((len(queries), len(re.findall(r"<li><div>", page))))
    assert counts[0][0] == counts[1][0]
    assert [rows for _queries, rows in counts] == [1, 3]


def test_time_and_timers_stay_closed_to_the_portal(told: World) -> None:
    north = told.north
    with enter(north.portal_scope(north.one.anna)):
        assert [m.body for m in Message.objects.order_by("at", "id")] == [
            "It jams on every second page.",
            "We are on it.",
        ]
        with pytest.raises(Exception, match="closed to the portal"):
            TimeEntry.objects.count()


def test_the_first_page_learns_of_news_while_it_stands_open(told: World) -> None:
    north = told.north
    browser, part = north.portal(north.one.anna), {"HX-Request": "true", "HX-Request-Type": "partial"}

    def poll(seen: str) -> tuple[int, str]:
        answer = browser.get("/portal/", {"seen": seen}, headers=part)
        return answer.status_code, answer.content.decode()

    page = browser.get("/portal/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    assert poll(seen[1])[0] == 204
    with enter(north.scope()):
        actor = north.staff["technician"].as_actor()
        actions.change_status(actor=actor, now=timezone.now(), ticket=Ticket.objects.get(), status="solved")
    status, news = poll(seen[1])
    assert (status, "It works" in news, "<html" in news) == (200, True, False)


@pytest.mark.parametrize("place", ["client", "site"])
def test_contacts_read_times_where_they_are(world: World, place: str) -> None:
    """Northgate sits in London, the client in Auckland, and its site in Tokyo."""
    north, one, ago = world.north, world.north.one, timezone.now() - timedelta(hours=1)
    zones = {"client": "Pacific/Auckland", "site": "Asia/Tokyo"}
    make_ticket(north, now=ago)
    with enter(north.scope()):
        one.client.zone, one.site.zone = zones["client"], zones["site"]
        one.client.save(update_fields=["zone"])
        one.site.save(update_fields=["zone"])
        one.anna.site = one.site if place == "site" else None
        one.anna.save(update_fields=["site"])
    page = north.portal(one.anna).get("/portal/requests/1/").content.decode()
    there = ago.astimezone(ZoneInfo(zones[place]))
    assert f'<time datetime="{there.isoformat(timespec="seconds")}"' in page
