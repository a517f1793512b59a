"""What can be taken back from its page, and what stays."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.tickets.asking import HTMX, composed, undo_of, undo_on
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.models import Message, Ticket, TimeEntry, Timer


def test_undo_takes_a_reply_back_into_the_composer(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    browser.post("/tickets/1/write/", composed(world, minutes="12", work_note="Rollers & feed", status="solved"))
    page = browser.get("/tickets/1/").content.decode()
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    assert north.browser("owner").post(undo[1]).status_code == 403  # somebody else's words
    location = urlsplit(browser.post(undo[1]).headers["Location"])
    restored = browser.get(f"{location.path}?{location.query}").content.decode()
    assert re.search(r'<textarea id="body"[^>]*>On it.</textarea>', restored)
    assert 'name="minutes" inputmode="numeric" autocomplete="off" value="12"' in restored
    assert 'value="Rollers &amp; feed"' in restored
    with enter(north.scope()):
        assert (Ticket.objects.get().status, TimeEntry.objects.count()) == ("new", 0)
        assert OutgoingMail.objects.get().state == "cancelled"


def test_a_reply_taken_back_gives_the_clock_back_and_tells_of_its_time(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket, began = make_ticket(north), timezone.now() - timedelta(minutes=20)
    with enter(north.scope()):
        actions.start_timer(actor=tech.as_actor(), now=began, ticket=ticket, member=tech)
    browser = north.browser("technician")
    browser.post("/tickets/1/write/", composed(world, minutes="12"))
    location = browser.post(undo_on(browser)).headers["Location"]
    with enter(north.scope()):
        timer = Timer.objects.get()
        assert (timer.member, timer.ticket, timer.running_since, timer.started_at) == (tech, ticket, began, began)
        assert Entry.objects.get(verb="time.deleted").data == {"minutes": 12, "note": ""}
        assert Ticket.objects.get().status == "new"
    assert 'value="12"' in browser.get(location.partition("#")[0]).content.decode()  # not what the clock shows


def test_a_reply_whose_time_was_drafted_meanwhile_stays(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    browser.post("/tickets/1/write/", composed(world, minutes="12"))
    undo = undo_on(browser)
    with enter(north.scope()):
        actor = north.staff["owner"].as_actor()
        actions.lock_time(actor=actor, now=NOW, entries=TimeEntry.objects.all(), because="It is on an invoice")
    assert "This time is locked" in browser.post(undo, follow=True).content.decode()
    with enter(north.scope()):
        assert (TimeEntry.objects.count(), Message.objects.filter(withdrawn_at=None).count()) == (1, 2)
        assert OutgoingMail.objects.get().state == "queued"


def test_a_reply_taken_back_leaves_a_status_set_since(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    browser.post("/tickets/1/write/", composed(world))
    undo = undo_on(browser)
    north.browser("owner").post("/tickets/1/status/", {"status": "scheduled"})
    browser.post(undo)
    with enter(north.scope()):
        assert (Ticket.objects.get().status, OutgoingMail.objects.get().state) == ("scheduled", "cancelled")


def test_undoing_a_reopening_keeps_when_it_was_solved_and_confirmed(world: World) -> None:
    north = world.north
    ticket = make_ticket(north)
    with enter(north.scope()):
        Ticket.objects.update(status="solved", solved_at=NOW, confirmed_at=NOW)
        TimeEntry.objects.create(
            ticket=ticket,
            client=north.one.client,
            member=north.staff["technician"],
            started_at=NOW,
            minutes=5,
            finished_at=NOW,
        )
    browser = north.browser("technician")
    answer = browser.post("/tickets/1/status/", {"status": "in_progress"}, headers=HTMX)
    browser.post(undo_of(answer))
    with enter(north.scope()):
        after = Ticket.objects.get()
        assert (after.status, after.solved_at, after.confirmed_at) == ("solved", NOW, NOW)
        assert TimeEntry.objects.get().finished_at == NOW


def test_an_undo_link_works_for_its_ticket_and_its_time_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    north = world.north
    make_ticket(north)
    make_ticket(north)
    browser = north.browser("technician")
    undo = undo_of(browser.post("/tickets/1/status/", {"status": "solved"}, headers=HTMX))
    for wrong in (undo.replace("/1/", "/2/"), "/tickets/1/undo/?do=rubbish", "/tickets/1/undo/"):
        browser.post(wrong)
    monkeypatch.setattr("tickets.views.answers.UNDO_FOR", -1)
    browser.post(undo)
    with enter(north.scope()):
        assert list(Ticket.objects.order_by("number").values_list("status", flat=True)) == ["solved", "new"]
