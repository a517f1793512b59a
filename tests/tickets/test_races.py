"""Two people, or one with two windows, at the same moment: real threads on real Postgres."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections

from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.models import Message, Ticket, TicketSettings, TimeEntry, Timer
from tickets.rules import Along, Refused

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8


def all_at_once(shop: ShopWorld, act: Callable[[int], object]) -> list[object]:
    """What `act` returned or raised in each of AT_ONCE threads that begin together, each with a connection of its own."""
    gate = Barrier(AT_ONCE)

    def run(number: int) -> object:
        try:
            with enter(shop.scope()):
                gate.wait(10)
                return act(number)
        except Refused as refused:
            return refused
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_no_two_tickets_get_one_number_even_the_first(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]

    def open_one(number: int) -> int:
        return actions.open_ticket(
            actor=tech.as_actor(), now=NOW, client=north.one.client, subject=f"No. {number}", body="-", author=tech
        ).number

    assert sorted(all_at_once(north, open_one)) == list(range(1, AT_ONCE + 1))  # type: ignore[type-var]
    with enter(north.scope()):
        assert TicketSettings.objects.get().next_number == AT_ONCE + 1
        assert Ticket.objects.count() == AT_ONCE


def test_one_person_gets_one_timer(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    tickets = [make_ticket(north) for _ in range(AT_ONCE)]

    def start(number: int) -> object:
        return actions.start_timer(actor=tech.as_actor(), now=NOW, ticket=tickets[number], member=tech)

    done = all_at_once(north, start)
    with enter(north.scope()):
        assert Timer.objects.count() == 1
        # Whoever came second either was refused or stopped and logged the clock before.
        refused = sum(isinstance(result, Refused) for result in done)
        assert TimeEntry.objects.count() == AT_ONCE - 1 - refused


def test_a_double_click_is_one_message(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket, along = make_ticket(north), Along(minutes=5, form_key=uuid4())

    def click(_number: int) -> object:
        note = actions.add_note(actor=tech.as_actor(), now=NOW, ticket=ticket, author=tech, body="Once", along=along)
        return note.pk

    assert len(set(all_at_once(north, click))) == 1
    with enter(north.scope()):
        assert Message.objects.filter(body="Once").count() == 1
        assert TimeEntry.objects.count() == 1


def test_a_double_click_opens_one_ticket_and_logs_one_entry(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket, opening, logging = make_ticket(north), uuid4(), uuid4()
    who = {"actor": tech.as_actor(), "now": NOW}

    def click(_number: int) -> object:
        opened = actions.open_ticket(
            **who, client=north.one.client, subject="Once", body="-", author=tech, form_key=opening
        )
        logged = actions.log_time(**who, ticket=ticket, member=tech, minutes=5, form_key=logging)
        return opened.pk, logged.pk

    assert len(set(all_at_once(north, click))) == 1
    with enter(north.scope()):
        assert (Ticket.objects.filter(subject="Once").count(), TimeEntry.objects.count()) == (1, 1)
        assert TicketSettings.objects.get().next_number == 3
