"""Tickets that belong together: who is on one, merges, parents and children, twins, troubles that come again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients.actions import keep_names, promise_callback
from clients.models import Promise
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.models import Message, Presence, Ticket, TimeEntry
from tickets.queries.together import likely_twins, recurrences, recurrences_of
from tickets.rules import Along, Refused
from tickets.rules.leaks import Leaking
from tickets.rules.likeness import likeness

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def tech(shop: ShopWorld, now: datetime = NOW) -> dict[str, Any]:
    return {"actor": shop.staff["technician"].as_actor(), "now": now}


# --- presence ---


def test_others_hear_who_is_on_a_ticket(world: World) -> None:
    north = world.north
    make_ticket(north)
    maya, tom = north.browser("owner"), north.browser("technician")
    assert "Owner Northgate" not in tom.post("/tickets/1/presence/", {"doing": "viewing"}).content.decode()
    maya.post("/tickets/1/presence/", {"doing": "viewing"})
    page = tom.post("/tickets/1/presence/", {"doing": "viewing"}).content.decode()
    assert "Owner Northgate is looking at it" in page
    assert "Technician" not in page
    maya.post("/tickets/1/presence/", {"doing": "replying"})
    page = tom.get("/tickets/1/").content.decode()
    assert "Owner Northgate is replying" in page
    assert "Owner Northgate is replying" in tom.get("/tickets/?view=team").content.decode()
    seen = re.search(r'id="presence".*?name="seen" value="(\w+)"', page, re.S)
    assert seen is not None
    assert tom.post("/tickets/1/presence/", {"doing": "viewing", "seen": seen[1]}).status_code == 204
    with enter(north.scope()):
        assert Presence.objects.count() == 2
        Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=80))
    assert "Owner" not in tom.post("/tickets/1/presence/", {"doing": "viewing"}).content.decode()


def test_several_who_look_are_named_at_once(world: World) -> None:
    north = world.north
    make_ticket(north)
    for role in ("owner", "dispatcher"):
        north.browser(role).post("/tickets/1/presence/", {"doing": "viewing"})
    for page in ("/tickets/1/", "/tickets/?view=team"):
        said = north.browser("technician").get(page).content.decode()
        assert "Dispatcher Northgate, Owner Northgate are looking at it" in said


def test_presence_is_for_staff_of_the_shop(world: World) -> None:
    make_ticket(world.north)
    assert world.low.browser("owner").post("/tickets/1/presence/").status_code == 404
    assert world.north.portal(world.north.one.anna).post("/tickets/1/presence/").status_code == 404
    assert world.north.browser("read_only").post("/tickets/1/presence/", {"doing": "nonsense"}).status_code == 200
    with enter(world.north.scope()):
        assert Presence.objects.get().doing == "viewing"


# --- merging ---


def two_tickets(shop: ShopWorld) -> tuple[Ticket, Ticket]:
    first = make_ticket(shop, assignee="owner", priority=2)
    second = make_ticket(shop, subject="Printer again", body="Still jams.", now=NOW + timedelta(hours=1))
    with enter(shop.scope()):
        actions.log_time(**tech(shop), ticket=second, member=shop.staff["technician"], minutes=25)
    return first, second


def test_merging_leads_everything_to_the_other_ticket(world: World) -> None:
    north = world.north
    first, second = two_tickets(north)
    browser = north.browser("technician")
    assert "Merge into #1" in browser.get("/tickets/2/merge/").content.decode()
    answer = browser.post("/tickets/2/merge/", {"into": "#1"})
    assert (answer.status_code, answer["Location"]) == (302, "/tickets/1/")
    page = browser.get("/tickets/1/").content.decode()
    assert "Still jams." in page
    assert "Technician Northgate merged #2 into this" in page
    assert '<b class="num">0:25</b>' in page
    assert browser.get("/tickets/2/")["Location"] == "/tickets/1/"
    with enter(north.scope()):
        Message.objects.update(visible_at=timezone.now())
    portal = north.portal(north.one.anna)
    assert portal.get("/portal/requests/2/")["Location"] == "/portal/requests/1/"
    assert "Still jams." in portal.get("/portal/requests/1/").content.decode()
    assert "Printer again" not in portal.get("/portal/requests/?view=done").content.decode()
    with enter(north.scope()):
        second.refresh_from_db()
        first.refresh_from_db()
        assert (second.status, second.merged_into_id, second.is_open) == ("solved", first.pk, False)
        assert (first.client_waiting_since, first.priority) == (NOW, 2)
        assert Message.objects.filter(ticket=second).count() == 1
        assert TimeEntry.objects.get().ticket_id == second.pk
        verbs = list(Entry.objects.filter(verb__in=["ticket.merged", "ticket.took_in"]).values_list("verb", "data"))
        assert sorted(verbs) == [("ticket.merged", {"number": 1}), ("ticket.took_in", {"number": 2})]


def test_nothing_happens_on_a_merged_ticket_and_its_client_is_led_on(world: World) -> None:
    north = world.north
    first, second = two_tickets(north)
    with enter(north.scope()):
        actions.merge_ticket(**tech(north), ticket=second, into=first)
        given = {"author": north.staff["technician"], "body": "Hello", "ticket": second}
        for act, more in (
            (actions.reply_publicly, given | {"to": north.one.anna}),
            (actions.add_note, given),
            (actions.change_status, {"ticket": second, "status": "in_progress"}),
            (actions.assign_ticket, {"ticket": second, "assignee": None}),
        ):
            with pytest.raises(Refused, match="merged"):
                act(**tech(north), **more)  # type: ignore[operator]
        message = actions.reply_as_contact(
            actor=north.one.anna.membership.as_actor(),  # type: ignore[union-attr]
            now=NOW,
            ticket=second,
            contact=north.one.anna,
            body="Any news?",
        )
        assert message.ticket_id == first.pk


def test_the_earliest_promise_survives_and_comes_back(world: World) -> None:
    north = world.north
    first, second = two_tickets(north)
    late, early = NOW + timedelta(days=3), NOW + timedelta(days=1)
    with enter(north.scope()):
        client = north.one.client
        promise_callback(**tech(north), subject=first, client=client, promised_at=late, words="Call back")
        promise_callback(**tech(north), subject=second, client=client, promised_at=early, words="Call back sooner")

        def owed() -> list[tuple[Any, Any, str]]:
            rows = Promise.objects.order_by("subject_id", "ordinal").filter(kind="callback")
            return [(row.subject_id, row.promised_at, row.state) for row in rows]

        before = owed()
        actions.merge_ticket(**tech(north), ticket=second, into=first)
        assert owed() == [(first.pk, early, "open"), (second.pk, early, "cancelled")]
        actions.unmerge_ticket(**tech(north, NOW + timedelta(hours=2)), ticket=second)
        assert owed() == before


def test_undoing_a_merge_puts_both_back_within_a_day(world: World) -> None:
    north = world.north
    first, second = two_tickets(north)
    third = make_ticket(north, subject="Third")
    with enter(north.scope()):
        actions.merge_ticket(**tech(north), ticket=third, into=second)
        actions.merge_ticket(**tech(north), ticket=second, into=first)
        third.refresh_from_db()
        assert third.merged_into_id == first.pk
        actions.unmerge_ticket(**tech(north, NOW + timedelta(hours=23)), ticket=second)
        for ticket in (first, second, third):
            ticket.refresh_from_db()
        assert (second.status, second.merged_into_id, second.solved_at) == ("new", None, None)
        assert third.merged_into_id == second.pk
        assert second.client_waiting_since == NOW
        with pytest.raises(Refused, match="too late"):
            actions.unmerge_ticket(**tech(north, NOW + timedelta(hours=25)), ticket=third)


def test_only_tickets_of_one_client_are_merged(world: World) -> None:
    north = world.north
    first, other = make_ticket(north), make_ticket(north, north.two)
    make_ticket(world.low)
    browser = north.browser("technician")
    assert browser.post("/tickets/1/merge/", {"into": "2"}).status_code == 422
    assert browser.post("/tickets/1/merge/", {"into": "1"}).status_code == 422
    assert browser.post("/tickets/1/merge/", {"into": "99"}).status_code == 422
    assert north.browser("read_only").post("/tickets/1/merge/", {"into": "2"}).status_code == 403
    assert world.low.browser("owner").post("/tickets/2/merge/", {"into": "1"}).status_code == 404
    with enter(north.scope()), pytest.raises(Refused, match="another client"):
        actions.merge_ticket(**tech(north), ticket=first, into=other)


# --- parent and children ---


def trouble(shop: ShopWorld) -> None:
    """Ticket 1 stands behind 2 of one client and 3 of another."""
    make_ticket(shop, subject="Line down")
    make_ticket(shop, subject="No internet")
    make_ticket(shop, shop.two, subject="Cannot send mail")
    with enter(shop.scope()):
        parent, *children = Ticket.objects.order_by("number")
        actions.add_children(**tech(shop), parent=parent, children=children)


def test_all_children_are_answered_each_alone(world: World) -> None:
    north = world.north
    trouble(north)
    browser = north.browser("technician")
    page = browser.get("/tickets/1/children/answer/").content.decode()
    assert "2 replies" in page
    values = {"body": "The line works again.", "status": "solved", "form_key": str(uuid4())}
    for _twice in range(2):
        assert browser.post("/tickets/1/children/answer/", values).status_code == 302
    with enter(north.scope()):
        mails = {tuple(mail.to): mail for mail in OutgoingMail.objects.all()}
        assert set(mails) == {(north.one.anna.email,), (north.two.anna.email,)}
        assert all(mail.cc == [] for mail in mails.values())
        text = mails[(north.one.anna.email,)].text
        assert "Orchard" not in text
        assert "Line down" not in text
        assert [ticket.status for ticket in Ticket.objects.order_by("number")] == ["new", "solved", "solved"]
    answer = browser.post("/tickets/1/children/answer/", values | {"form_key": str(uuid4())}, headers=HTMX)
    assert answer.status_code == 200  # nothing is open any more: nothing is sent
    with enter(north.scope()):
        assert OutgoingMail.objects.count() == 2


def test_answering_all_names_nobody(world: World) -> None:
    north = world.north
    trouble(north)
    with enter(north.scope()):
        for row in (north.one.client, north.two.client):
            keep_names(row)
        parent = Ticket.objects.get(number=1)
        with pytest.raises(Leaking):
            actions.answer_children(
                **tech(north),
                parent=parent,
                author=north.staff["technician"],
                body="Orchard Northgate works again.",
                along=Along(form_key=uuid4()),
            )
        assert OutgoingMail.objects.count() == 0


def test_an_answer_to_all_is_taken_back(world: World) -> None:
    north = world.north
    trouble(north)
    key = uuid4()
    with enter(north.scope()):
        parent = Ticket.objects.get(number=1)
        actions.answer_children(
            **tech(north), parent=parent, author=north.staff["technician"], body="Works.", along=Along(form_key=key)
        )
        actions.take_back_answers(**tech(north, NOW + timedelta(seconds=5)), parent=parent, form_key=key)
        assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"cancelled"}


def test_families_have_two_generations(world: World) -> None:
    north = world.north
    trouble(north)
    make_ticket(north)
    browser = north.browser("technician")
    assert browser.post("/tickets/4/children/", {"numbers": "2"}).status_code == 422
    assert browser.post("/tickets/4/children/", {"numbers": "1"}).status_code == 422
    assert browser.post("/tickets/2/children/", {"numbers": "4"}).status_code == 422
    assert browser.post("/tickets/1/children/", {"numbers": "4, 77"}).status_code == 422
    assert browser.post("/tickets/1/children/", {"numbers": "4"}).status_code == 302
    assert "Part of <a" in browser.get("/tickets/4/").content.decode()
    assert browser.post("/tickets/4/children/leave/").status_code == 302
    assert "Part of <a" not in browser.get("/tickets/4/").content.decode()
    portal = north.portal(north.two.anna).get("/portal/requests/3/").content.decode()
    assert "Line down" not in portal


# --- twins and troubles that come again ---


def test_twins_are_offered_while_writing(world: World) -> None:
    north = world.north
    make_ticket(north, subject="Printer in the hall jams")
    make_ticket(north, subject="New laptop for Ben")
    make_ticket(north, north.two, subject="Printer jams")
    browser = north.browser("technician")
    page = browser.get("/tickets/similar/?client=harbour-north&subject=hall printers jam again").content.decode()
    assert "Printer in the hall jams" in page
    assert "laptop" not in page
    assert "#3" not in page
    assert browser.get("/tickets/similar/?client=nobody&subject=printer").content.decode().strip() == ""
    assert "Perhaps" not in browser.get("/tickets/similar/?client=harbour-north&asset=nonsense").content.decode()
    with enter(north.scope()):
        assert likely_twins(north.one.client, subject="", asset=north.one.asset.pk) == []
        Ticket.objects.filter(number=2).update(asset=north.one.asset)
        assert [t.number for t in likely_twins(north.one.client, subject="", asset=north.one.asset.pk)] == [2]


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) in (0, 1)


def test_the_third_time_in_sixty_days(world: World) -> None:
    north = world.north
    for days, subject in ((70, "Old"), (50, "Server hot"), (20, "Fan loud")):
        make_ticket(north, subject=subject, asset=north.one.asset, now=NOW - timedelta(days=days))
    browser = north.browser("technician")
    with enter(north.scope()):
        assert recurrences(NOW) == []
    last = make_ticket(north, subject="Server off", asset=north.one.asset)
    with enter(north.scope()):
        (found,) = recurrences_of(last, NOW)
        assert (found.about, found.number) == ("HARBOUR-SRV01", 3)
        assert [row.about for row in recurrences(NOW)] == ["HARBOUR-SRV01"]
        Ticket.objects.update(created_at=timezone.now())
    assert "HARBOUR-SRV01: 4 times in 60 days" in browser.get("/tickets/4/").content.decode()
    page = browser.get("/tickets/recurring/").content.decode()
    assert "HARBOUR-SRV01" in page
    assert "HARBOUR-SRV01" not in world.low.browser("owner").get("/tickets/recurring/").content.decode()


def test_the_same_person_with_the_same_trouble(world: World) -> None:
    north = world.north
    for subject in ("Outlook asks for password", "Password for Outlook", "Outlook password again", "New mouse"):
        make_ticket(north, subject=subject)
    counts = []
    for more in (0, 6):
        for number in range(more):
            make_ticket(north, north.two, now=NOW - timedelta(days=1), subject=f"Scanner number {number} blinks")
        with enter(north.scope()), CaptureQueriesContext(connection) as queries:
            found = recurrences(NOW + timedelta(minutes=1))
        counts.append(len(queries))
        assert (found[0].about, found[0].number) == ("Anna Harbour", 3)
    assert counts == [4, 4]
