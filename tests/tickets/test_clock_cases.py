"""Every clock case of the plan by name, told through the acts that people do; and each deadline explains itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clients.actions import change_calendar
from clients.choices import PromiseState
from clients.models import Promise
from clients.rules.calendars import Window
from clients.rules.promises import DUE
from msp.accounts.rules import system_actor
from msp.tenancy.context import enter
from tests.tickets.levels import Desk, at, furnish
from tests.world import World
from tickets import actions
from tickets.actions import clocks
from tickets.choices import Status
from tickets.models import SlaClock, SupplierWait, Ticket

KEPT, OPEN, PAUSED, BROKEN, CANCELLED = (
    PromiseState.KEPT,
    PromiseState.OPEN,
    PromiseState.PAUSED,
    PromiseState.BROKEN,
    PromiseState.CANCELLED,
)


@pytest.fixture(autouse=True)
def explained(world: World) -> Iterator[None]:
    """After every case: the steps of each deadline add up to its target and end with it."""
    yield
    with enter(world.north.scope()):
        for clock in SlaClock.objects.filter(target_minutes__isnull=False).select_related("promise"):
            steps = clock.promise.steps
            assert steps[-1].at == clock.promise.promised_at
            assert sum(step.minutes or 0 for step in steps) == clock.target_minutes
            assert clock.promise.stages_ahead[-1:] == [] or clock.promise.stages_ahead[-1].name == DUE


def test_eight_hours_from_friday_afternoon_over_a_holiday_are_due_on_wednesday(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "27 Nov 16:30")
    assert desk.promise("resolution").promised_at == at("2 Dec 09:30")
    assert desk.promise("first_response").promised_at == at("1 Dec 09:30")
    assert desk.fresh().next_clock_at == desk.fresh().queue_at == at("1 Dec 09:30")


def test_a_pause_over_a_weekend_and_a_holiday_moves_the_deadline_by_two_service_hours(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "27 Nov 09:00")
    assert desk.promise("resolution").promised_at == at("1 Dec 10:00")
    desk.status("waiting_client", "27 Nov 16:00")
    assert (desk.promise("resolution").state, desk.promise("resolution").paused_since) == (PAUSED, at("27 Nov 16:00"))
    desk.status("in_progress", "1 Dec 10:00")
    assert desk.promise("resolution").state == OPEN
    assert desk.promise("resolution").promised_at == at("1 Dec 12:00")


def test_a_pause_and_then_the_solution_at_once(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 09:30", status="waiting_client")
    desk.status("solved", "26 Nov 15:00")  # long after the deadline would have come
    promise, clock = desk.promise("resolution"), desk.clock("resolution")
    assert (promise.state, promise.kept_at, clock.took_minutes) == (KEPT, at("26 Nov 15:00"), 30)
    assert desk.fresh().next_clock_at is None


def test_a_reopened_ticket_goes_on_where_it_stopped(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 10:00", status="solved")
    assert desk.clock("resolution").took_minutes == 60
    desk.client_says("It is back.", "25 Nov 09:00")
    promise = desk.promise("resolution")
    assert (promise.state, promise.promised_at) == (OPEN, at("25 Nov 17:00"))
    assert desk.promise("first_response").state == KEPT
    desk.status("solved", "25 Nov 11:00")
    assert (desk.promise("resolution").state, desk.clock("resolution").took_minutes) == (KEPT, 180)


def test_a_broken_deadline_stays_broken_when_the_ticket_is_reopened(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("24 Nov 16:30", status="solved")
    desk.client_says("It is back.", "25 Nov 09:00")
    assert (desk.promise("resolution").state, desk.promise("resolution").broken_at) == (BROKEN, at("24 Nov 10:00"))


def test_another_priority_is_counted_from_the_start_less_the_pauses(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 09:10", status="waiting_client")
    desk.status("in_progress", "23 Nov 11:10")
    assert desk.promise("resolution").promised_at == at("24 Nov 12:00")
    desk.priority(2, "23 Nov 11:30")  # four hours, of which 30 minutes are gone
    assert desk.promise("resolution").promised_at == at("23 Nov 16:00")
    desk.priority(3, "23 Nov 11:40")
    assert desk.promise("resolution").promised_at == at("24 Nov 12:00")


def test_another_priority_while_the_clock_stands_still(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 10:00", status="waiting_client")
    desk.priority(2, "24 Nov 10:00")
    assert desk.promise("resolution").state == PAUSED
    desk.status("in_progress", "25 Nov 09:00")
    assert desk.promise("resolution").promised_at == at("25 Nov 12:00")


def test_a_priority_without_targets_and_back(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.priority(4, "23 Nov 09:10")
    assert desk.kinds() == [("first_response", CANCELLED), ("resolution", CANCELLED)]
    assert desk.fresh().next_clock_at is None
    desk.priority(3, "23 Nov 09:20")
    assert desk.kinds() == [("first_response", OPEN), ("resolution", OPEN)]
    assert desk.promise("first_response").promised_at == at("23 Nov 10:00")


def test_a_change_of_the_calendar_leaves_history_alone(world: World) -> None:
    calendar, _policy = furnish(world.north)
    before = Desk(world.north, "23 Nov 09:00")
    owner = world.north.staff["owner"].as_actor()
    always = tuple(Window(day, 0, 1440) for day in range(7))
    with enter(world.north.scope()):
        change_calendar(actor=owner, now=at("23 Nov 09:30"), calendar=calendar, values={"windows": always})
    assert before.promise("resolution").promised_at == at("24 Nov 10:00")
    before.status("waiting_client", "23 Nov 11:00")
    before.status("in_progress", "23 Nov 14:00")  # two hours of its own calendar later
    assert before.promise("resolution").promised_at == at("24 Nov 12:00")
    assert Desk(world.north, "23 Nov 16:30").promise("resolution").promised_at == at("24 Nov 00:30")


def test_an_automatic_acknowledgement_is_no_first_reply(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    with enter(world.north.scope()):
        ticket = Ticket.objects.select_related("client", "contact").get(pk=desk.ticket.pk)
        given = {"now": at("23 Nov 09:01"), "ticket": ticket, "status": "new"}
        clocks.on_public_reply(actor=system_actor("acknowledgement"), **given)
    assert desk.promise("first_response").state == OPEN
    desk.reply("23 Nov 09:20")
    assert (desk.promise("first_response").state, desk.clock("first_response").took_minutes) == (KEPT, 20)


@pytest.mark.parametrize("words", ["Thanks!", "Brilliant, thank you so much Technician.\nAnna", "Vielen Dank!"])
def test_a_clients_thanks_restart_nothing(world: World, words: str) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00", assignee="technician")
    desk.reply("23 Nov 10:00", status="solved")
    desk.client_says(words, "23 Nov 11:00")
    ticket = desk.fresh()
    assert (ticket.status, ticket.client_waiting_since, ticket.next_clock_at) == (Status.SOLVED, None, None)
    assert desk.kinds() == [("first_response", KEPT), ("resolution", KEPT)]
    assert desk.promise("resolution").kept_at == at("23 Nov 10:00")


@pytest.mark.parametrize("words", ["Thanks, but it is still slow", "Thank you. When will you come?", "thanks, 2 left"])
def test_more_than_thanks_opens_the_ticket_again(world: World, words: str) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 10:00", status="solved")
    desk.client_says(words, "23 Nov 11:00")
    assert desk.fresh().status == Status.IN_PROGRESS
    assert desk.promise("resolution").state == OPEN


def test_a_clients_word_on_an_open_ticket_starts_no_new_first_reply(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 09:30")
    desk.client_says("Anything new?", "23 Nov 14:00")
    assert desk.kinds() == [("first_response", KEPT), ("resolution", OPEN)]


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (datetime(2026, 3, 27, 16, 0, tzinfo=UTC), datetime(2026, 3, 30, 16, 0, tzinfo=UTC)),  # summer time begins
        (datetime(2026, 10, 23, 15, 0, tzinfo=UTC), datetime(2026, 10, 26, 17, 0, tzinfo=UTC)),  # and ends
    ],
)
def test_clocks_that_change_leave_office_hours_as_they_are(world: World, opened: datetime, due: datetime) -> None:
    furnish(world.north)
    ticket = Desk(world.north, "23 Nov 09:00").ticket  # so that the shop has a number already
    assert ticket.number == 1
    with enter(world.north.scope()):
        north = world.north
        given = {"client": north.one.client, "subject": "Night", "body": "…", "author": north.staff["owner"]}
        actor = north.staff["owner"].as_actor()
        made = actions.open_ticket(actor=actor, now=opened, contact=north.one.anna, **given)
        assert Promise.objects.get(subject_id=made.pk, kind="resolution").promised_at == due


def test_a_leap_day_counts(world: World) -> None:
    furnish(world.north)
    with enter(world.north.scope()):
        north = world.north
        given = {"client": north.one.client, "subject": "Leap", "body": "…", "author": north.staff["owner"]}
        opened = datetime(2028, 2, 28, 16, tzinfo=UTC)
        made = actions.open_ticket(actor=north.staff["owner"].as_actor(), now=opened, **given)
        due = Promise.objects.get(subject_id=made.pk, kind="resolution").promised_at
        assert due == datetime(2028, 2, 29, 17, tzinfo=UTC)


def test_priority_one_runs_around_the_clock(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "28 Nov 23:30", priority=1)
    assert desk.promise("first_response").promised_at == at("29 Nov 00:00")
    assert desk.promise("resolution").promised_at == at("29 Nov 03:30")


def test_waiting_for_a_client_who_never_got_a_word_stops_no_first_reply(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.status("waiting_client", "23 Nov 09:10")
    assert desk.kinds() == [("first_response", OPEN), ("resolution", PAUSED)]


def test_waiting_for_a_supplier_stops_nothing_but_starts_their_clock(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 09:10", status="waiting_supplier")
    assert desk.promise("resolution").state == OPEN
    given = {"supplier": "Wires Ltd", "reference": "W-77", "promised_at": at("23 Nov 11:00")}
    with enter(world.north.scope()):
        actions.note_supplier(**desk.me, now=at("23 Nov 09:15"), ticket=desk.ticket, **given)
    assert desk.fresh().next_clock_at == at("23 Nov 11:00")
    desk.status("in_progress", "23 Nov 10:30")
    assert desk.fresh().next_clock_at == desk.promise("resolution").promised_at
    with enter(world.north.scope()):
        wait = SupplierWait.objects.get()
        assert (wait.reference, wait.started_at, wait.ended_at) == ("W-77", at("23 Nov 09:10"), at("23 Nov 10:30"))


def test_a_policy_may_let_a_supplier_stop_the_clock(world: World) -> None:
    furnish(world.north, supplier_pauses=True)
    desk = Desk(world.north, "23 Nov 09:00", priority=2)
    desk.reply("23 Nov 09:10", status="waiting_supplier")
    assert desk.kinds() == [
        ("first_response", KEPT),
        ("next_update", KEPT),
        ("next_update", OPEN),
        ("resolution", PAUSED),
    ]
    desk.status("in_progress", "23 Nov 10:10")
    assert desk.promise("resolution").promised_at == at("23 Nov 15:00")
