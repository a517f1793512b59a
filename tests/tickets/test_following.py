"""What tickets do when names change and when people leave: both by a worker, in batches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clients.actions import change
from msp.accounts.actions import end_membership
from msp.accounts.models import Membership
from msp.audit.models import Entry
from msp.jobs.actions import work_row
from msp.jobs.choices import DueState
from msp.jobs.models import Job
from msp.jobs.rules import GiveUp
from msp.search.queries import find
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.actions import finding, leaving
from tickets.choices import Status
from tickets.models import Ticket, TimeEntry, Timer

LEFT = NOW + timedelta(minutes=10)


def work(kind: str) -> int:
    """What the worker does until the job rests. Returns how often it came by."""
    for turns in range(1, 9):
        job = Job.objects.get(kind=kind)
        work_row(queue_name="jobs", row=job, now=LEFT + timedelta(minutes=5))
        if Job.objects.get(kind=kind).state != DueState.QUEUED:
            return turns
    raise AssertionError


def found(words: str) -> list[str]:
    return [hit.label for hit in find(words, kind="ticket", called="", limit=9)]


def test_a_renamed_client_is_found_by_its_new_name_in_every_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "BATCH", 2)
    north = world.north
    for number in range(3):
        make_ticket(north, subject=f"Fault {number}")
    make_ticket(north, north.two, subject="Of another client")
    owner = north.staff["owner"].as_actor()
    with enter(north.scope()):
        change(actor=owner, now=NOW, row=north.one.client, values={"name": "Zebra Works"})
        assert found("zebra") == []
        assert work("tickets.find_again") == 2
        assert sorted(found("zebra")) == ["#1 Fault 0", "#2 Fault 1", "#3 Fault 2"]
        assert found("northgate") == ["#4 Of another client"]


def test_a_renamed_contact_is_found_by_their_new_name_and_another_field_asks_nothing(world: World) -> None:
    north, owner = world.north, world.north.staff["owner"].as_actor()
    make_ticket(north)
    make_ticket(north, contact=north.one.ben)
    with enter(north.scope()):
        change(actor=owner, now=NOW, row=north.one.anna, values={"job_title": "Head of Post"})
        assert not Job.objects.filter(kind="tickets.find_again").exists()
        change(actor=owner, now=NOW, row=north.one.anna, values={"name": "Anna Quillfeather"})
        work("tickets.find_again")
        assert found("quillfeather") == ["#1 Printer jams"]


def test_open_tickets_of_somebody_who_left_go_back_and_their_clock_stops_when_they_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "BATCH", 2)
    north, tech = world.north, world.north.staff["technician"]
    for _number in range(3):
        make_ticket(north, assignee="technician")
    solved = make_ticket(north, assignee="technician")
    make_ticket(north, assignee="dispatcher")
    owner = north.staff["owner"].as_actor()
    with enter(north.scope()):
        actions.change_status(actor=owner, now=NOW, ticket=solved, status=Status.SOLVED, anyway=True)
        actions.start_timer(actor=tech.as_actor(), now=NOW, ticket=Ticket.objects.get(number=1), member=tech)
        end_membership(actor=owner, now=LEFT, membership=tech)
        assert work("tickets.take_over") == 3
        assert list(Ticket.objects.order_by("number").values_list("assignee_id", flat=True)) == [
            None,
            None,
            None,
            tech.pk,
            north.staff["dispatcher"].pk,
        ]
        said = Entry.objects.filter(verb="ticket.returned")
        assert [entry.data for entry in said] == [{"name": tech.name}] * 3
        assert not Timer.objects.exists()
        entry = TimeEntry.objects.get()
        assert (entry.member_id, entry.minutes, entry.started_at) == (tech.pk, 10, NOW)


def test_a_clock_whose_time_cannot_be_logged_waits_for_a_person_and_keeps_no_ticket(world: World) -> None:
    north, tech, owner = world.north, world.north.staff["technician"], world.north.staff["owner"]
    ticket = make_ticket(north, assignee="technician")
    with enter(north.scope()):
        actions.start_timer(actor=tech.as_actor(), now=NOW, ticket=ticket, member=tech)
        starts = NOW - timedelta(days=NOW.weekday())
        span = {"monday": starts.date(), "starts_at": starts, "ends_at": starts + timedelta(days=7)}
        week = actions.submit_week(actor=tech.as_actor(), now=NOW, member=tech, **span)
        actions.approve_week(actor=owner.as_actor(), now=NOW, week=week)
        end_membership(actor=owner.as_actor(), now=LEFT, membership=tech)
        with pytest.raises(GiveUp, match="approved"):
            work("tickets.take_over")
        assert Ticket.objects.get().assignee is None
        assert Timer.objects.exists()


def test_a_contact_who_leaves_takes_no_ticket_along(world: World) -> None:
    north, owner = world.north, world.north.staff["owner"].as_actor()
    with enter(north.scope()):
        membership = Membership.objects.get(pk=north.one.anna.membership_id)
        end_membership(actor=owner, now=LEFT, membership=membership)
        assert not Job.objects.filter(kind="tickets.take_over").exists()
