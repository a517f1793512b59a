"""The phone door: who calls is recognised, one line is enough, emergencies page, calls are measured."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from clients.actions import change, promise_callback
from clients.models import Client, OnCallShift
from msp.notify.models import Notification, PagerMessage
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.choices import Door
from tickets.forms.calls import signed_now
from tickets.models import Call, Message, Ticket
from tickets.queries.calls import callers, calls_by_day
from tickets.rules import Refused


def with_phone(shop: ShopWorld) -> str:
    """Anna's number is known; the path of her call form."""
    actor = shop.staff["owner"].as_actor()
    with enter(shop.scope()):
        change(actor=actor, now=NOW, row=shop.one.anna, values={"mobile": "+44 7700 900123"})
    return f"/tickets/call/?contact={shop.one.anna.pk}"


def said(**values: Any) -> dict[str, Any]:
    started = signed_now(timezone.now() - timedelta(seconds=40))
    return {"words": "Printer on fire", "form_key": str(uuid4()), "started": started} | values


@pytest.mark.parametrize("typed", ["07700 900123", "+447700900123", "0044 7700-900123", "anna har", "Har Anna"])
def test_a_caller_is_recognised_by_number_or_name(world: World, typed: str) -> None:
    north = world.north
    with_phone(north)
    with enter(north.scope()):
        assert [caller.contact for caller in callers(typed)] == [north.one.anna]


def test_who_is_unknown_and_who_is_elsewhere(world: World) -> None:
    north = world.north
    with_phone(world.low)
    browser = north.browser("technician")
    assert "Nobody is known" in browser.get("/tickets/call/?q=07700 900123").content.decode()
    part = browser.get("/tickets/call/?q=or", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert "Orchard Northgate" in part.content.decode()
    assert "Lowmoor" not in part.content.decode()
    assert "<html" not in part.content.decode()
    for query in (f"contact={world.low.one.anna.pk}", "contact=nonsense", "client=harbour-low"):
        assert "Who calls?" in browser.get(f"/tickets/call/?{query}").content.decode()
    assert north.browser("read_only").get("/tickets/call/").status_code == 403


def test_one_known_number_opens_the_form_with_what_to_know(world: World) -> None:
    north = world.north
    with_phone(north)
    ticket = make_ticket(north)
    with enter(north.scope()):
        promise_callback(
            actor=north.staff["owner"].as_actor(),
            now=NOW,
            subject=ticket,
            client=north.one.client,
            promised_at=NOW + timedelta(hours=2),
            words="Call back about the lease",
        )
    page = north.browser("technician").get("/tickets/call/?q=07700 900123").content.decode()
    for known in ("Anna Harbour", "Printer jams", "Call back about the lease", 'name="words"'):
        assert known in page


def test_a_call_becomes_a_ticket(world: World) -> None:
    north = world.north
    path = with_phone(north)
    browser, values = north.browser("technician"), said(number="07700 900123")
    for _twice in range(2):
        assert browser.post(path, values)["Location"] == "/tickets/1/"
    assert browser.post(path, said(words="")).status_code == 422
    with enter(north.scope()):
        ticket, call = Ticket.objects.get(), Call.objects.get()
        assert (ticket.door, ticket.subject, ticket.contact) == (Door.PHONE, "Printer on fire", north.one.anna)
        assert (call.ticket, call.opened, call.is_emergency, call.contact) == (ticket, True, False, north.one.anna)
        assert 39 <= call.seconds <= 60
        assert PagerMessage.objects.count() == 0


def test_a_call_about_an_open_ticket_is_a_note_on_it(world: World) -> None:
    north = world.north
    path = with_phone(north)
    make_ticket(north)
    make_ticket(north, north.two)
    browser = north.browser("technician")
    assert browser.post(path, said(ticket="1", words="It jams more"))["Location"] == "/tickets/1/"
    assert browser.post(path, said(ticket="2")).status_code == 422
    with enter(north.scope()):
        note = Message.objects.get(visibility="internal")
        assert note.body == "Anna Harbour called: It jams more"
        assert (Call.objects.get().opened, Ticket.objects.count()) == (False, 2)


def test_a_stranger_waits_with_the_unsorted(world: World) -> None:
    north = world.north
    with enter(north.scope()):
        Client.objects.filter(pk=north.two.client.pk).update(is_unsorted=True)
    browser = north.browser("technician")
    browser.post("/tickets/call/?client=unknown&q=0191 496 0999", said(number="0191 496 0999"))
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.client, ticket.contact) == (north.two.client, None)
        assert "0191 496 0999" in Message.objects.get().body


def test_an_emergency_is_urgent_and_pages_who_is_on_call(world: World) -> None:
    north = world.north
    path, now = with_phone(north), timezone.now()
    guard = north.staff["technician"]
    with enter(north.scope()):
        OnCallShift.objects.create(member=guard, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    north.browser("dispatcher").post(path, said(is_emergency="on"))
    with enter(north.scope()):
        assert Ticket.objects.get().priority == 1
        assert PagerMessage.objects.get().to == guard
        told = Notification.objects.filter(key__startswith="emergency:").values_list("to__name", "urgent")
        names = ("Dispatcher Northgate", "Owner Northgate", "Technician Northgate")
        assert sorted(told) == [(name, True) for name in names]


def test_a_forged_start_counts_for_nothing(world: World) -> None:
    north = world.north
    north.browser("technician").post(with_phone(north), said(started="2020-01-01T00:00:00+00:00"))
    with enter(north.scope()):
        assert Call.objects.get().seconds <= 1


def test_calls_in_numbers(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    with enter(north.scope()):
        for number, (day, length) in enumerate(((0, 20), (0, 40), (1, 90))):
            start = noon - timedelta(days=day)
            actions.take_call(
                actor=tech.as_actor(), now=start + timedelta(seconds=length), member=tech, client=north.one.client,
                contact=north.one.anna, words=f"Call {number}", number="", started_at=start, form_key=uuid4(),
            )  # fmt: skip
        days = calls_by_day(timezone.now())
        assert [(day.number, day.seconds) for day in days] == [(2, 30), (1, 90)]
        other = make_ticket(north, north.two)
        with pytest.raises(Refused, match="another client"):
            actions.take_call(
                actor=tech.as_actor(), now=noon, member=tech, client=north.one.client, contact=None, words="x",
                number="", started_at=noon, form_key=uuid4(), ticket=other,
            )  # fmt: skip
    page = north.browser("read_only").get("/tickets/calls/").content.decode()
    assert "Call 2" in page
    assert "90 s" in page
    assert "Call 2" not in world.low.browser("owner").get("/tickets/calls/").content.decode()
