"""What acts on a ticket do to its clocks, beside the cases of the plan; each deadline explains itself here, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.choices import PromiseState
from clients.rules.promises import DUE
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.tickets.levels import Desk, at, furnish
from tests.world import World
from tickets import actions
from tickets.models import SlaClock
from tickets.rules.desk import Before

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


def before(became: str) -> dict[str, Any]:
    """What the undo link of a new ticket's first reply carries."""
    return {"before": Before("new"), "became": became}


def test_each_reply_gives_the_update_and_promises_the_next(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00", priority=2)
    assert desk.promise("next_update").promised_at == at("23 Nov 11:00")
    desk.reply("23 Nov 10:00")
    assert (desk.promise("next_update").state, desk.promise("next_update", 2).promised_at) == (KEPT, at("23 Nov 12:00"))
    desk.reply("23 Nov 11:00", next_update_at=at("23 Nov 22:00"))
    assert desk.promise("next_update", 3).promised_at == at("23 Nov 22:00")
    assert desk.promise("next_update", 3).contact_id == world.north.one.anna.pk
    desk.reply("23 Nov 11:30", status="solved")
    assert [state for _kind, state in desk.kinds()] == [KEPT] * 5


def test_what_a_person_promised_stands_while_we_wait_for_the_client(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 10:00", next_update_at=at("24 Nov 10:00"), status="waiting_client")
    assert desk.kinds() == [("first_response", KEPT), ("next_update", OPEN), ("resolution", PAUSED)]
    assert desk.fresh().next_clock_at == at("24 Nov 10:00")


def test_a_reply_that_is_taken_back_was_none(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00", priority=2)
    message = desk.reply("23 Nov 10:00", status="waiting_client")
    with enter(world.north.scope()):
        actions.take_back_reply(**desk.me, now=at("23 Nov 10:00"), message=message, **before("waiting_client"))
    assert desk.kinds() == [
        ("first_response", OPEN),
        ("next_update", OPEN),
        ("next_update", CANCELLED),
        ("resolution", OPEN),
    ]
    assert desk.promise("first_response").promised_at == at("23 Nov 10:00")
    assert desk.clock("first_response").took_minutes is None
    desk.reply("23 Nov 10:30")
    assert desk.promise("first_response").state == BROKEN


def test_a_late_reply_that_is_taken_back_is_owed_again(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    message = desk.reply("23 Nov 11:00")
    assert desk.promise("first_response").is_late
    with enter(world.north.scope()):
        actions.take_back_reply(**desk.me, now=at("23 Nov 11:00"), message=message, **before("in_progress"))
    assert (desk.promise("first_response").state, desk.promise("first_response").kept_at) == (BROKEN, None)
    assert desk.fresh().next_clock_at == at("23 Nov 10:00")


def test_undoing_a_reopening_leaves_it_solved_when_it_was(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 10:00", status="solved")
    desk.status("in_progress", "24 Nov 09:00")
    with enter(world.north.scope()):
        given = {"became": "in_progress", "was": "solved", "solved_at": at("23 Nov 10:00")}
        actions.restore_status(**desk.me, now=at("24 Nov 09:01"), ticket=desk.ticket, **given)
    promise, clock = desk.promise("resolution"), desk.clock("resolution")
    assert (promise.state, promise.kept_at, clock.took_minutes) == (KEPT, at("23 Nov 10:00"), 60)


def test_solving_without_a_reply_needs_none(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.status("solved", "23 Nov 09:30")
    assert desk.kinds() == [("first_response", CANCELLED), ("resolution", KEPT)]
    desk.status("in_progress", "23 Nov 11:30")
    assert desk.kinds() == [("first_response", OPEN), ("resolution", OPEN)]
    assert desk.promise("first_response").promised_at == at("23 Nov 12:00")


def test_promises_go_with_the_ticket_to_whoever_has_it(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    assert desk.promise("resolution").owner_id is None
    owner = world.north.staff["dispatcher"]
    with enter(world.north.scope()):
        actions.assign_ticket(**desk.me, now=at("23 Nov 09:05"), ticket=desk.ticket, assignee=owner)
    assert {desk.promise(kind).owner_id for kind in ("resolution", "first_response")} == {owner.pk}


def test_an_update_promised_outside_a_reply_and_moved(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00", priority=2)
    with enter(world.north.scope()):
        now = at("23 Nov 09:05")
        actions.promise_next_update(**desk.me, now=now, ticket=desk.ticket, at=at("23 Nov 15:00"))
        with pytest.raises(ValueError, match="still to come"):
            actions.promise_next_update(**desk.me, now=now, ticket=desk.ticket, at=now)
        actions.move_next_update(
            **desk.me, now=now, ticket=desk.ticket, at=at("23 Nov 16:00"), because="The part comes later"
        )
    assert [state for kind, state in desk.kinds() if kind == "next_update"] == [CANCELLED, OPEN]
    assert desk.promise("next_update", 2).promised_at == at("23 Nov 16:00")


def test_without_hours_or_policy_nothing_runs(world: World) -> None:
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 09:10", status="waiting_client")
    desk.priority(1, "23 Nov 09:20")
    desk.status("solved", "23 Nov 09:30")
    assert desk.kinds() == []
    assert desk.fresh().next_clock_at is None


def test_the_warnings_come_at_their_share_of_the_service_time(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "27 Nov 16:00")  # eight hours: one on Friday, seven on Tuesday
    stages = {stage.name: stage.at for stage in desk.promise("resolution").stages_ahead}
    assert stages == {"50": at("1 Dec 12:00"), "75": at("1 Dec 15:00"), "90": at("1 Dec 16:12"), DUE: at("1 Dec 17:00")}


def test_every_change_of_a_clock_is_in_the_activity_log(world: World) -> None:
    furnish(world.north)
    desk = Desk(world.north, "23 Nov 09:00")
    desk.reply("23 Nov 09:30", status="waiting_client")
    with enter(world.north.scope()):
        entries = Entry.objects.filter(verb__startswith="promise.").order_by("id")
        assert [(entry.verb, entry.actor_name.split()[0]) for entry in entries] == [
            ("promise.made", "Technician"),
            ("promise.made", "Technician"),
            ("promise.kept", "Technician"),
            ("promise.paused", "Technician"),
        ]


def test_a_reply_asks_the_same_however_long_the_story_is(world: World) -> None:
    furnish(world.north)
    desk, counts = Desk(world.north, "23 Nov 09:00", priority=2), []
    for minute in range(1, 6):
        with CaptureQueriesContext(connection) as queries:
            desk.reply(f"23 Nov 09:0{minute}")
        counts.append(len(queries))
    assert counts[1] == counts[4]


def test_a_second_within_the_minute_of_the_deadline_is_in_time(world: World) -> None:
    furnish(world.north)
    opened = at("23 Nov 09:00") + timedelta(seconds=20)
    north = world.north
    with enter(north.scope()):
        given = {"client": north.one.client, "subject": "A", "body": "…", "author": north.staff["owner"]}
        actor = north.staff["owner"].as_actor()
        ticket = actions.open_ticket(actor=actor, now=opened, contact=north.one.anna, **given)
        reply = {"author": north.staff["owner"], "body": "Here", "to": north.one.anna}
        actions.reply_publicly(actor=actor, now=opened + timedelta(minutes=60), ticket=ticket, **reply)
        clock = SlaClock.objects.select_related("promise").get(kind="first_response")
        assert (clock.promise.state, clock.took_minutes) == (KEPT, 60)
