"""After solving: one press from a mail without signing in, a rating, and a bad one that reaches people."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import ShopWorld, World
from tickets import actions
from tickets.models import Message, Rating, SolvedLink, Ticket
from tickets.rules import Along


def anonymous() -> Browser:
    return Browser(SERVER_NAME="localhost")


def tech(shop: ShopWorld) -> dict[str, Any]:
    return {"actor": shop.staff["technician"].as_actor(), "now": timezone.now()}


def solved(shop: ShopWorld) -> str:
    """Ticket 1, solved by the technician, and the path of the mailed link."""
    ticket = make_ticket(shop, assignee="technician")
    with enter(shop.scope()):
        actions.change_status(**tech(shop), ticket=ticket, status="solved")
        text = OutgoingMail.objects.get().text
    found = re.search(r"http://localhost:8000(/go/\S+?)\?say=works", text)
    assert found is not None
    return found[1]


def test_a_solved_ticket_asks_by_mail_and_only_the_hash_is_kept(world: World) -> None:
    north = world.north
    path = solved(north)
    secret = path.rstrip("/").rpartition(".")[2]
    with enter(north.scope()):
        mail, link = OutgoingMail.objects.get(), SolvedLink.objects.get()
        assert (mail.to, mail.cc) == ([north.one.anna.email], [])
        assert mail.due_at - mail.created_at == timedelta(minutes=10)
        assert (link.contact, link.expires_at - link.created_at) == (north.one.anna, timedelta(days=30))
        assert secret not in str(SolvedLink.objects.values())


def test_opening_the_link_changes_nothing_and_pressing_does(world: World) -> None:
    north = world.north
    path, visitor = solved(north), anonymous()
    for query in ("", "?say=works", "?say=wrong"):
        assert "Printer jams" in visitor.get(path + query).content.decode()
    visitor.head(path)
    with enter(north.scope()):
        assert Ticket.objects.get().confirmed_at is None
    assert visitor.post(path, {"do": "works"}).status_code == 302
    with enter(north.scope()):
        assert Ticket.objects.get().confirmed_at is not None
        entry = Entry.objects.get(verb="ticket.confirmed")
        assert (entry.actor_kind, entry.actor_name) == ("contact", "Anna Harbour")
    assert "How was our work?" in visitor.get(path).content.decode()
    visitor.post(path, {"do": "works"})
    with enter(north.scope()):
        assert Entry.objects.filter(verb="ticket.confirmed").count() == 1


def test_still_wrong_brings_it_back(world: World) -> None:
    north = world.north
    path, visitor = solved(north), anonymous()
    assert visitor.post(path, {"do": "wrong", "body": "It jams again"}).status_code == 302
    with enter(north.scope()):
        ticket, message = Ticket.objects.get(), Message.objects.get(body="It jams again")
        assert (ticket.status, message.contact) == ("in_progress", north.one.anna)
        assert OutgoingMail.objects.get().state == "cancelled"
    assert "We are working on it" in visitor.get(path).content.decode()
    assert "still working" in visitor.post(path, {"do": "works"}, follow=True).content.decode()


def test_a_word_is_not_needed(world: World) -> None:
    path = solved(world.north)
    anonymous().post(path, {"do": "wrong", "body": ""})
    with enter(world.north.scope()):
        assert Message.objects.filter(body="It is still wrong.").count() == 1


def test_links_that_open_nothing(world: World) -> None:
    north = world.north
    path, visitor = solved(north), anonymous()
    wrong = path.rstrip("/")[:-2] + "xx/"
    other_shop = re.sub(r"/go/\d+\.", f"/go/{world.low.tenant.pk}.", path)
    for address in (wrong, other_shop, "/go/nonsense/"):
        for method in (visitor.get, visitor.post):
            assert method(address, {"do": "works"}).status_code == 404
    with enter(north.scope()):
        SolvedLink.objects.update(expires_at=timezone.now())
    assert visitor.post(path, {"do": "works"}).status_code == 404
    with enter(north.scope()):
        SolvedLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
        north.one.anna.archived_at = timezone.now()
        north.one.anna.save()
    assert visitor.get(path).status_code == 404
    with enter(north.scope()):
        assert Ticket.objects.get().confirmed_at is None


def test_a_reply_that_solves_asks_itself(world: World) -> None:
    north, member = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    with enter(north.scope()):
        actions.reply_publicly(
            **tech(north), ticket=ticket, author=member, body="Done.", to=north.one.anna, along=Along(status="solved")
        )
        mail = OutgoingMail.objects.get()
        assert "Done." in mail.text
        assert "?say=works" in mail.text
        assert "?say=works" in mail.html
        assert Ticket.objects.get().status == "solved"


def test_undoing_the_status_takes_the_question_back(world: World) -> None:
    north = world.north
    solved(north)
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        actions.restore_status(**tech(north), ticket=ticket, became="solved", was="new")
        assert OutgoingMail.objects.get().state == "cancelled"


def test_the_client_who_solves_it_is_not_asked(world: World) -> None:
    north = world.north
    ticket = make_ticket(north)
    with enter(north.scope()):
        actions.change_status(**tech(north), ticket=ticket, status="waiting_client")
        actor = actions.contact_actor(north.one.anna)
        actions.confirm_solved(actor=actor, now=timezone.now(), ticket=ticket)
        assert OutgoingMail.objects.count() == 0


# --- ratings ---


def confirmed(shop: ShopWorld) -> str:
    path = solved(shop)
    anonymous().post(path, {"do": "works"})
    return path


def test_a_good_rating_is_kept_and_shown(world: World) -> None:
    north = world.north
    path = confirmed(north)
    assert anonymous().post(path, {"do": "rate", "face": "7"}).status_code == 422
    assert anonymous().post(path, {"do": "rate", "face": "3", "words": "Quick!"}).status_code == 302
    assert "Good" in anonymous().get(path).content.decode()
    browser = north.browser("technician")
    assert "Quick!" in browser.get("/tickets/1/").content.decode()
    assert "1 good" in browser.get("/tickets/of/harbour-north/").content.decode()
    assert "Quick!" in browser.get("/tickets/ratings/").content.decode()
    assert "Quick!" not in browser.get("/tickets/ratings/?view=bad").content.decode()
    with enter(north.scope()):
        assert Notification.objects.count() == 0
        assert Entry.objects.get(verb="ticket.rated").data == {"face": "Good", "words": "Quick!"}


def test_a_bad_rating_reaches_people_until_somebody_took_care(world: World) -> None:
    north = world.north
    path = confirmed(north)
    anonymous().post(path, {"do": "rate", "face": "1", "words": "Took days"})
    with enter(north.scope()):
        told = set(Notification.objects.values_list("to__name", "urgent"))
        names = ("Owner Northgate", "Dispatcher Northgate", "Technician Northgate")
        assert told == {(name, True) for name in names}
    browser = north.browser("technician")
    assert "Took days" in browser.get("/tickets/ratings/?view=waiting").content.decode()
    with enter(north.scope()):
        address = f"/tickets/ratings/{Rating.objects.get().pk}/answer/"
    assert world.low.browser("owner").post(address, {"did": "x"}).status_code == 404
    assert north.browser("read_only").post(address, {"did": "x"}).status_code == 403
    browser.post(address, {"did": "Called Anna, new printer on trial"})
    assert "Took days" not in browser.get("/tickets/ratings/?view=waiting").content.decode()
    with enter(north.scope()):
        assert Rating.objects.get().answered_by == "Technician Northgate"


def test_rating_in_the_portal_and_not_a_colleagues(world: World) -> None:
    north = world.north
    confirmed(north)
    anna, ben = north.portal(north.one.anna), north.portal(north.one.ben)
    assert "How was our work?" in anna.get("/portal/requests/1/").content.decode()
    anna.post("/portal/requests/1/rate/", {"face": "2", "words": "A secret thought"})
    with enter(north.scope()):
        assert Rating.objects.get().face == 2
    assert "Could be better" in anna.get("/portal/requests/1/").content.decode()
    with enter(north.portal_scope(north.one.ben)):
        assert Rating.objects.count() == 0
    assert "A secret thought" not in ben.get("/portal/requests/1/").content.decode()
    assert north.portal(north.two.anna).post("/portal/requests/1/rate/", {"face": "1"}).status_code == 404


def test_open_tickets_are_not_rated(world: World) -> None:
    north = world.north
    make_ticket(north)
    north.portal(north.one.anna).post("/portal/requests/1/rate/", {"face": "1"})
    with enter(north.scope()):
        assert Rating.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_ratings_needs_the_same_queries(world: World, rows: int, django_assert_num_queries: Any) -> None:
    north = world.north
    for _ in range(rows):
        ticket = make_ticket(north)
        with enter(north.scope()):
            actions.change_status(**tech(north), ticket=ticket, status="solved")
            actor = actions.contact_actor(north.one.anna)
            actions.rate_ticket(actor=actor, now=timezone.now(), ticket=ticket, contact=north.one.anna, face=3)
    browser = north.browser("technician")
    with django_assert_num_queries(13):
        assert browser.get("/tickets/ratings/").status_code == 200
