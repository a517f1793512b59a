"""Many tickets at once with one press to undo, filters under a name, and words of the whole conversation in the search."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from msp.search.queries import find_ids
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.forms import QueueForm
from tickets.models import Label, Message, SavedView, Ticket, TicketLabel


def undo_in(page: str) -> str:
    found = re.findall(r'data-undo="([^"]+)"', page)
    assert found
    return str(found[-1]).replace("&amp;", "&")


@pytest.fixture
def three(world: World) -> World:
    for values in ({"assignee": "technician"}, {}, {"priority": 1}):
        make_ticket(world.north, **values)  # type: ignore[arg-type]
    return world


def test_each_bulk_act_is_taken_back_ticket_by_ticket(three: World) -> None:
    north, browser = three.north, three.north.browser("dispatcher")
    with enter(north.scope()):
        label = Label.objects.create(name="Care")
        tech = north.staff["technician"].as_actor()
        actions.put_label(actor=tech, now=NOW, ticket=Ticket.objects.get(number=3), label=label)

    def state() -> list[object]:
        with enter(north.scope()):
            rows = Ticket.objects.order_by("number").values_list("assignee", "status", "priority")
            labels = TicketLabel.objects.order_by("ticket__number").values_list("ticket__number", flat=True)
            return [*rows, *labels, Message.objects.standing().count()]

    before = state()
    for do in (f"assign:{north.staff['owner'].pk}", "status:scheduled", "priority:2", f"label:{label.pk}", "note:"):
        data = {"pick": ["1", "2", "3"], "do": do, "note": "Provider is down"}
        page = browser.post("/tickets/bulk/", data, follow=True).content.decode()
        assert "3 tickets changed." in page, do
        assert state() != before, do
        answer = browser.post(undo_in(page), follow=True).content.decode()
        assert "as before" in answer, do
        assert state() == before, do


def test_what_moved_on_since_stays_and_is_said(three: World) -> None:
    browser = three.north.browser("technician")
    page = browser.post("/tickets/bulk/", {"pick": ["1", "2"], "do": "status:scheduled"}, follow=True).content.decode()
    browser.post("/tickets/1/status/", {"status": "in_progress"})
    answer = browser.post(undo_in(page), follow=True).content.decode()
    assert "1 ticket is as before." in answer
    assert "#1: The status was changed again since" in answer
    assert "It is too late" in browser.post("/tickets/bulk/undo/?do=forged", follow=True).content.decode()


@pytest.mark.parametrize("do", ["priority:9", "status:nonsense", "note:", "burn:1", ""])
def test_what_cannot_be_done_is_asked_again(three: World, do: str) -> None:
    page = three.north.browser("technician").post("/tickets/bulk/", {"pick": ["1"], "do": do}, follow=True)
    assert "Choose what to do" in page.content.decode()


def test_another_shops_tickets_and_labels_are_not_there(three: World) -> None:
    with enter(three.north.scope()):
        label = Label.objects.create(name="Care")
    browser = three.low.browser("owner")
    assert browser.post("/tickets/bulk/", {"pick": ["1"], "do": f"label:{label.pk}"}).status_code == 404
    assert (
        "0 tickets changed."
        in browser.post("/tickets/bulk/", {"pick": ["1"], "do": "priority:1"}, follow=True).content.decode()
    )
    assert (
        three.north.browser("read_only").post("/tickets/bulk/", {"pick": ["1"], "do": "priority:1"}).status_code == 403
    )


def test_a_view_is_saved_from_the_lists_filters_and_counted(three: World) -> None:
    north, tech = three.north, three.north.browser("technician")
    given = {"name": "On fire", "query": "view=team&priority=1&after=abc&seen=x&evil=1", "everybody": "on"}
    assert tech.post("/tickets/views/new/", given).headers["Location"] == "/tickets/?view=team&priority=1"
    assert north.browser("dispatcher").post("/tickets/views/new/", given | {"name": "Shared"}).status_code == 302
    assert "Give it" not in tech.post("/tickets/views/new/", {"name": ""}, follow=True).content.decode()
    with enter(north.scope()):
        own, shared = SavedView.objects.order_by("name")
        assert (own.owner, shared.owner) == (north.staff["technician"], None)
    page = tech.get("/tickets/views/").content.decode()
    assert re.search(r"On fire</a></td><td>Yours</td><td class=\"num end\">1<", page)
    part = tech.get("/tickets/views/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).content.decode()
    assert "<html" not in part
    assert 'href="/tickets/?view=team&amp;priority=1"' in tech.get("/tickets/").content.decode()
    assert "On fire" not in north.browser("owner").get("/tickets/views/").content.decode()
    assert tech.post(f"/tickets/views/{shared.pk}/archive/").status_code == 403
    assert north.browser("owner").post(f"/tickets/views/{own.pk}/archive/").status_code == 404
    assert three.low.browser("owner").post(f"/tickets/views/{shared.pk}/archive/").status_code == 404
    assert "was put away" in tech.post(f"/tickets/views/{own.pk}/archive/", follow=True).content.decode()
    assert "is back" in tech.post(f"/tickets/views/{own.pk}/archive/", follow=True).content.decode()


def test_a_kept_query_has_filters_alone() -> None:
    assert QueueForm.kept("view=mine&view=team&after=x&status=&late=on") == "view=team&late=on"


def test_the_page_of_views_needs_one_query_a_counted_view(three: World) -> None:
    browser, counts = three.north.browser("technician"), []
    for number in (1, 2):
        for each in range(number):
            browser.post("/tickets/views/new/", {"name": f"View {number} {each}", "query": "view=team"})
        with CaptureQueriesContext(connection) as queries:
            browser.get("/tickets/views/")
        counts.append(len(queries))
    assert counts[1] - counts[0] == 2


def test_every_message_is_found_until_it_is_taken_back(three: World) -> None:
    north, tech = three.north, three.north.staff["technician"]
    with enter(north.scope()):
        ticket = Ticket.objects.get(number=1)
        given = {"actor": tech.as_actor(), "now": NOW, "ticket": ticket}
        actions.add_note(**given, author=tech, body="Fuser unit worn out")
        actions.reply_as_contact(**given, contact=north.one.anna, body="It smells of burnt toner")
        reply = actions.reply_publicly(**given, author=tech, body="Switch it off please", to=north.one.anna)
        for words in ("fuser", "burnt ton", "switch off"):
            assert find_ids(words, kind="ticket", limit=5) == [ticket.pk], words
        actions.take_back_reply(actor=tech.as_actor(), now=NOW, message=reply)
        assert find_ids("switch off", kind="ticket", limit=5) == []
        assert find_ids("fuser burnt", kind="ticket", limit=5) == [ticket.pk]
        actions.rewrite_subject(**given, was="Printer jams", subject="Fuser")
        assert find_ids("burnt toner", kind="ticket", limit=5) == [ticket.pk]
