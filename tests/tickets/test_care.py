"""Stuck, escalated, our mistake; a sore client comes earlier for a while; some people are kept apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Promise
from msp.audit.models import Entry
from msp.jobs.rules import Again, Ended
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.actions.care import TendBoost
from tickets.choices import BoostEnd
from tickets.models import Boost, KeptApart, Message, Ticket, TimeEntry, Watcher
from tickets.rules import Refused
from tickets.rules.care import BOOST_BY, MOST_BOOSTED, Healing


def owner(shop: ShopWorld, now: datetime = NOW) -> dict[str, Any]:
    return {"actor": shop.staff["owner"].as_actor(), "now": now}


def told(**values: Any) -> dict[str, Any]:
    return {"form_key": str(uuid4()), "body": "Honest words."} | values


# --- stuck, escalate, rework ---


def test_asking_for_time_tells_the_client_and_promises(world: World) -> None:
    north = world.north
    make_ticket(north, assignee="technician")
    browser = north.browser("technician")
    page = browser.get("/tickets/1/stuck/").content.decode()
    assert "Hello Anna," in page
    by = (timezone.localtime() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    assert browser.post("/tickets/1/stuck/", told(way="time", back_by=by)).status_code == 302
    with enter(north.scope()):
        assert OutgoingMail.objects.get().to == [north.one.anna.email]
        assert Entry.objects.filter(verb="ticket.time_asked").count() == 1
        promise = Promise.objects.filter(kind__contains="update").order_by("-promised_at").first()
        assert promise is not None
        assert timezone.localtime(promise.promised_at).strftime("%Y-%m-%dT%H:%M") == by
    late = (timezone.localtime() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    answer = browser.post("/tickets/1/stuck/", told(way="time", back_by=late, body="Keep my words"))
    assert answer.status_code == 422
    assert "Keep my words" in answer.content.decode()


def test_bringing_in_a_colleague(world: World) -> None:
    north = world.north
    make_ticket(north, assignee="technician")
    browser, dispatcher = north.browser("technician"), north.staff["dispatcher"]
    values = told(way="colleague", member=str(dispatcher.pk), question="Seen this driver?")
    assert browser.post("/tickets/1/stuck/", values).status_code == 302
    with enter(north.scope()):
        assert Message.objects.get(body="Seen this driver?").visibility == "internal"
        assert Watcher.objects.get().member == dispatcher
        assert Notification.objects.get(to=dispatcher).urgent
        assert Ticket.objects.get().assignee == north.staff["technician"]
        assert "Seen this driver?" not in OutgoingMail.objects.get().text
    quiet = told(way="colleague", member=str(dispatcher.pk), question="And now?", body="")
    assert browser.post("/tickets/1/stuck/", quiet).status_code == 302
    with enter(north.scope()):
        assert OutgoingMail.objects.count() == 1
    lost = told(way="colleague", member=str(world.low.staff["owner"].pk), question="x")
    assert browser.post("/tickets/1/stuck/", lost).status_code == 422


def test_escalating_keeps_the_first_technician_in_the_loop(world: World) -> None:
    north = world.north
    make_ticket(north, assignee="technician")
    boss = north.staff["owner"]
    values = told(member=str(boss.pk), why="Needs the vendor")
    assert north.browser("technician").post("/tickets/1/escalate/", values).status_code == 302
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert ticket.assignee == boss
        assert Watcher.objects.get().member == north.staff["technician"]
        actions.reply_as_contact(
            actor=actions.contact_actor(north.one.anna),
            now=NOW,
            ticket=ticket,
            contact=north.one.anna,
            body="Any news?",
        )
        heard = Notification.objects.filter(key=f"watch:{ticket.pk}").values_list("to__name", flat=True)
        assert sorted(heard) == ["Technician Northgate"]
    assert north.browser("read_only").post("/tickets/1/escalate/", values).status_code == 403
    assert world.low.browser("owner").post("/tickets/1/escalate/", values).status_code == 404


def test_our_mistake_is_a_ticket_of_its_own_that_nobody_pays_for(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    make_ticket(north)
    browser = north.browser("technician")
    values = {"body": "We set the wrong driver and put it right.", "priority": "2"}
    assert browser.post("/tickets/1/rework/", values)["Location"] == "/tickets/2/"
    with enter(north.scope()):
        made = Ticket.objects.get(number=2)
        assert (made.rework_of_id, made.priority, made.contact) == (Ticket.objects.get(number=1).pk, 2, north.one.anna)
        actions.log_time(actor=tech.as_actor(), now=NOW, ticket=made, member=tech, minutes=30, is_billable=True)
        assert TimeEntry.objects.get().is_billable is False
    assert "Our mistake on" in browser.get("/tickets/2/").content.decode()
    assert "Put right on" in browser.get("/tickets/1/").content.decode()


# --- healing ---


def boost(shop: ShopWorld, now: datetime = NOW, **values: Any) -> Boost:
    given = {"reason": "Three late visits", "good_ratings": 2, "quiet_days": 7, "days": 30} | values
    with enter(shop.scope()):
        return actions.start_boost(**owner(shop, now), client=shop.one.client, **given)


def test_a_boosted_clients_tickets_stand_earlier_and_fall_back(world: World) -> None:
    north = world.north
    before, other = make_ticket(north), make_ticket(north, north.two)
    row = boost(north)
    after = make_ticket(north)
    with enter(north.scope()):
        was = before.queue_at
        before.refresh_from_db()
        assert (before.boosted, before.queue_at) == (True, was - BOOST_BY)
        assert (after.boosted, after.queue_at) == (True, was - BOOST_BY)
        other.refresh_from_db()
        assert (other.boosted, other.queue_at) == (False, was)
        actions.change_priority(**owner(north), ticket=before, priority=2)
        before.refresh_from_db()
        assert before.boosted
    page = north.browser("technician").get("/tickets/?view=team").content.decode()
    assert page.index("#3") < page.index("#2")
    assert "healing" in page
    with enter(north.scope()):
        actions.end_boost(**owner(north), boost=row)
        after.refresh_from_db()
        assert (after.boosted, after.queue_at) == (False, was)
        assert [entry.verb for entry in Entry.objects.filter(verb__startswith="boost")] == [
            "boost.started",
            "boost.ended",
        ]


def test_a_client_heals_by_good_ratings_and_quiet(world: World) -> None:
    north = world.north
    row = boost(north, NOW - timedelta(days=8))
    for number in range(2):
        ticket = make_ticket(north)
        with enter(north.scope()):
            assert Boost.objects.get().ended_because == ""
            actions.change_status(**owner(north), ticket=ticket, status="solved")
            actor = actions.contact_actor(north.one.anna)
            actions.rate_ticket(actor=actor, now=NOW, ticket=ticket, contact=north.one.anna, face=3)
            assert number == 1 or Boost.objects.get().state == "queued"
    with enter(north.scope()):
        row.refresh_from_db()
        assert (row.state, row.ended_because) == ("done", "healed")


def test_a_boost_ends_by_itself(world: World) -> None:
    north = world.north
    row = boost(north, days=3)
    with enter(north.scope()):
        assert TendBoost().act(row, NOW + timedelta(days=1)) == Again(NOW + timedelta(days=2))
        assert TendBoost().act(row, NOW + timedelta(days=3)) == Ended("done")
        assert row.ended_because == "expired"


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 90), st.integers(1, 60), st.integers(1, 60))
def test_the_exit_rule(good: int, wanted: int, quiet_for: int, quiet_days: int, days: int) -> None:
    started = NOW - timedelta(days=30)
    healing = Healing(good, wanted, NOW - timedelta(days=quiet_for), quiet_days, started + timedelta(days=days))
    over = healing.over(NOW)
    if days <= 30:
        assert over == BoostEnd.EXPIRED
    else:
        assert (over == BoostEnd.HEALED) == (good >= wanted and quiet_for >= quiet_days)
        assert healing.look_again_at(NOW) > NOW


def test_boosts_are_few_and_set_by_who_assigns(world: World) -> None:
    north = world.north
    values = {"reason": "Sore", "good_ratings": "1", "quiet_days": "5", "days": "10"}
    path = "/clients/harbour-north/boost/"
    assert north.browser("technician").post(path, values).status_code == 403
    assert world.low.browser("owner").post(path, values).status_code == 404
    dispatcher = north.browser("dispatcher")
    assert dispatcher.post(path, values | {"days": "61"}).status_code == 422
    assert dispatcher.post(path, values).status_code == 302
    assert dispatcher.post(path, values).status_code == 422
    assert "Sore" in dispatcher.get("/tickets/of/harbour-north/").content.decode()
    with enter(north.scope()):
        for number in range(MOST_BOOSTED - 1):
            side = north.one.client
            side.pk, side.slug = uuid4(), f"more-{number}"
            side.save(force_insert=True)
            Boost.objects.create(
                client=side, reason="x", good_ratings=1, quiet_days=1, started_at=NOW, until=NOW, due_at=NOW, set_by="x"
            )
        with pytest.raises(Refused, match="End one first"):
            actions.start_boost(
                **owner(north), client=north.two.client, reason="x", good_ratings=1, quiet_days=1, days=1
            )
    assert dispatcher.post("/clients/harbour-north/boost/end/").status_code == 302


# --- kept apart ---


def test_people_who_are_kept_apart_are_not_assigned(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    values = {"member": str(tech.pk), "reason": "They quarrelled about the invoice"}
    path = "/clients/harbour-north/apart/"
    for role in ("dispatcher", "technician", "office_manager"):
        assert north.browser(role).get(path).status_code == 403
        assert north.browser(role).post(path, values).status_code == 403
    assert north.browser("owner").post(path, values).status_code == 302
    dispatcher = north.browser("dispatcher")
    answer = dispatcher.post("/tickets/1/assignee/", {"assignee": str(tech.pk)}, follow=True).content.decode()
    assert "is not to be assigned to Harbour Northgate" in answer
    assert "quarrelled" not in answer
    answer = dispatcher.post("/tickets/bulk/", {"do": f"assign:{tech.pk}", "pick": "1"}, follow=True).content.decode()
    assert "is not to be assigned" in answer
    with enter(north.scope()):
        assert Ticket.objects.get().assignee is None
        with pytest.raises(Refused, match="not to be assigned"):
            actions.assign_ticket(**owner(north), ticket=ticket, assignee=tech)
        assert "quarrelled" not in str(list(Entry.objects.values_list("data", flat=True)))
        pair = KeptApart.objects.get()
    with pytest.raises(Refused, match="not to be assigned"):
        make_ticket(north, assignee="technician")
    make_ticket(north, north.two, assignee="technician")
    assert world.low.browser("owner").post(f"{path}{pair.pk}/end/").status_code == 404
    assert north.browser("owner").post(f"{path}{pair.pk}/end/").status_code == 302
    with enter(north.scope()):
        assert actions.assign_ticket(**owner(north), ticket=ticket, assignee=tech).assignee == tech
