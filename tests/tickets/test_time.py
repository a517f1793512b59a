"""Time entries and timers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.choices import Status
from tickets.models import TimeEntry, Timer
from tickets.rules import Refused


@pytest.mark.parametrize(
    ("minutes", "starts", "why"),
    [
        (0, None, "between 1 minute"),
        (1441, None, "between 1 minute"),
        (-5, None, "between 1 minute"),
        (30, -29, None),
        (30, -28, "in the future"),
        (1440, None, None),
    ],
)
def test_log_time_keeps_within_a_day_and_out_of_the_future(
    world: World, minutes: int, starts: int | None, why: str | None
) -> None:
    ticket, tech = make_ticket(world.north), world.north.staff["technician"]
    started_at = NOW + timedelta(minutes=starts) if starts is not None else None
    with enter(world.north.scope()):
        given = {"actor": tech.as_actor(), "now": NOW, "ticket": ticket, "member": tech}
        if why:
            with pytest.raises(Refused, match=why):
                actions.log_time(**given, minutes=minutes, started_at=started_at)
            assert not TimeEntry.objects.exists()
        else:
            entry = actions.log_time(**given, minutes=minutes, started_at=started_at, note="Work")
            assert entry.started_at == (started_at or NOW - timedelta(minutes=minutes))
            assert entry.client_id == ticket.client_id
            assert Entry.objects.get(verb="time.logged").data == {"minutes": minutes, "note": "Work"}


def test_locked_time_says_why_and_stays(world: World) -> None:
    ticket, tech = make_ticket(world.north), world.north.staff["technician"]
    actor = tech.as_actor()
    with enter(world.north.scope()):
        entry = actions.log_time(actor=actor, now=NOW, ticket=ticket, member=tech, minutes=30)
        other = actions.log_time(actor=actor, now=NOW, ticket=ticket, member=tech, minutes=15)
        actions.lock_time(actor=actor, now=NOW, entries=[entry, other], because="It is on a draft")
        change = {"minutes": 5, "note": "", "started_at": NOW - timedelta(hours=1)}
        with pytest.raises(Refused, match="It is on a draft"):
            actions.change_time(actor=actor, now=NOW, entry=entry, work_type="remote", is_billable=True, **change)
        with pytest.raises(Refused, match="It is on a draft"):
            actions.delete_time(actor=actor, now=NOW, entry=entry)
        with pytest.raises(Refused, match="locked meanwhile"):
            actions.lock_time(actor=actor, now=NOW, entries=[entry], because="Again")
        locked = Entry.objects.get(verb="time.locked")
        assert (locked.subject_id, locked.data) == (ticket.pk, {"minutes": 45, "because": "It is on a draft"})
        actions.unlock_time(actor=actor, now=NOW, entries=[entry, other])
        changed = actions.change_time(
            actor=actor, now=NOW, entry=entry, work_type="on_site", is_billable=False, **change
        )
        assert (changed.minutes, changed.work_type, changed.is_billable) == (5, "on_site", False)
        actions.delete_time(actor=actor, now=NOW, entry=other)
        assert list(TimeEntry.objects.values_list("minutes", flat=True)) == [5]
        assert Entry.objects.get(verb="time.deleted").data == {"minutes": 15, "note": ""}


def test_a_timer_counts_without_its_pauses_and_is_logged_rounded_up(world: World) -> None:
    ticket, tech = make_ticket(world.north), world.north.staff["technician"]
    actor = tech.as_actor()
    with enter(world.north.scope()):
        actions.start_timer(actor=actor, now=NOW, ticket=ticket, member=tech)
        actions.pause_timer(actor=actor, now=NOW + timedelta(minutes=10), member=tech)
        actions.pause_timer(actor=actor, now=NOW + timedelta(minutes=20), member=tech)
        actions.resume_timer(actor=actor, now=NOW + timedelta(minutes=60), member=tech)
        stop = NOW + timedelta(minutes=65, seconds=1)
        timer = Timer.objects.get()
        assert (timer.seconds(stop), timer.minutes(stop)) == (15 * 60 + 1, 16)
        entry = actions.stop_timer(actor=actor, now=stop, member=tech, minutes=timer.minutes(stop), note="Rollers")
        assert (entry.minutes, entry.note, entry.started_at) == (16, "Rollers", stop - timedelta(minutes=16))
        assert not Timer.objects.exists()
        with pytest.raises(Refused, match="No timer"):
            actions.stop_timer(actor=actor, now=stop, member=tech, minutes=1, note="")


def test_starting_elsewhere_logs_what_ran(world: World) -> None:
    first, second = make_ticket(world.north), make_ticket(world.north)
    tech = world.north.staff["technician"]
    actor = tech.as_actor()
    with enter(world.north.scope()):
        assert actions.start_timer(actor=actor, now=NOW, ticket=first, member=tech) is None
        assert actions.start_timer(actor=actor, now=NOW, ticket=first, member=tech) is None
        logged = actions.start_timer(actor=actor, now=NOW + timedelta(seconds=90), ticket=second, member=tech)
        assert logged is not None
        assert (logged.ticket_id, logged.minutes) == (first.pk, 2)
        assert Timer.objects.get().ticket_id == second.pk


def test_a_forgotten_timer_is_cut_to_a_day(world: World) -> None:
    first, second = make_ticket(world.north), make_ticket(world.north)
    tech = world.north.staff["technician"]
    with enter(world.north.scope()):
        actions.start_timer(actor=tech.as_actor(), now=NOW, ticket=first, member=tech)
        logged = actions.start_timer(actor=tech.as_actor(), now=NOW + timedelta(days=3), ticket=second, member=tech)
        assert logged is not None
        assert logged.minutes == 1440


def test_time_follows_its_ticket_to_finished_and_back(world: World) -> None:
    """Billing finds finished work by this copy."""
    ticket, tech = make_ticket(world.north), world.north.staff["technician"]
    act = {"actor": tech.as_actor(), "now": NOW}

    def finished() -> set[datetime | None]:
        return set(TimeEntry.objects.filter(ticket=ticket).values_list("finished_at", flat=True))

    with enter(world.north.scope()):
        actions.log_time(**act, ticket=ticket, member=tech, minutes=30)
        assert finished() == {None}
        ticket = actions.change_status(**act, ticket=ticket, status=Status.SOLVED)
        actions.log_time(**act, ticket=ticket, member=tech, minutes=15)
        assert finished() == {NOW}
        actions.change_status(**act, ticket=ticket, status=Status.IN_PROGRESS)
        assert finished() == {None}
