"""A week of time: its gaps, what was logged late, handed in, approved, sent back; and the team's day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from msp.audit.models import Entry
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.models import TimeEntry, TimeWeek
from tickets.queries.days import bounds_of, day_of, team_on, week_of
from tickets.rules import Refused

MONDAY = date(2026, 11, 16)


def log(world: World, day: int, start: int, minutes: int, *, later: int = 0, role: str = "technician") -> TimeEntry:
    """Work on a day of the week (0 Monday), written down `later` days after."""
    north, member = world.north, world.north.staff[role]
    began = datetime(2026, 11, 16 + day, start, tzinfo=NOW.tzinfo)
    with enter(north.scope()):
        ticket = north.one.client.tickets.first() or make_ticket(north, now=began - timedelta(days=30))
        return actions.log_time(
            actor=member.as_actor(),
            now=began + timedelta(minutes=minutes, days=later),
            ticket=ticket,
            member=member,
            minutes=minutes,
            started_at=began,
        )


def hand_in(world: World, role: str = "technician") -> TimeWeek:
    member = world.north.staff[role]
    with timezone.override("Europe/London"):
        start, end = bounds_of(MONDAY, 7)
    return actions.submit_week(
        actor=member.as_actor(), now=NOW, member=member, monday=MONDAY, starts_at=start, ends_at=end
    )


def test_a_week_shows_what_is_missing_and_what_was_logged_late_alike(world: World) -> None:
    log(world, 0, 9, 60)
    log(world, 0, 12, 60)
    log(world, 2, 9, 30, later=1)
    tech = world.north.staff["technician"]
    with enter(world.north.scope()), timezone.override("Europe/London"):
        week = week_of(tech, MONDAY, NOW)
        assert (week.minutes, week.gap_minutes, week.late_minutes, week.billable_minutes) == (150, 120, 30, 150)
        assert [day.minutes for day in week.days] == [120, 0, 30, 0, 0, 0, 0]
        assert [block.kind for block in week.days[2].blocks] == ["late"]
        gap = week.days[0].gaps[0]
        assert (f"{gap.start:%H:%M}", gap.minutes, gap.ticket and gap.ticket.number) == ("10:00", 120, 1)
    page = world.north.browser("technician").get("/time/week/?week=2026-11-18").content.decode()
    assert re.search(r"<dt>Nothing logged between the work</dt><dd>2:00</dd>", page)
    assert re.search(r"<dt>Logged on a later day</dt><dd>0:30</dd>", page)


def test_a_gap_is_filled_in_one_press_and_undone(world: World) -> None:
    log(world, 0, 9, 60)
    log(world, 0, 12, 60)
    browser = world.north.browser("technician")
    assert "on #1" in browser.get("/time/?day=2026-11-16").content.decode()
    gap = {"ticket": "1", "day": "2026-11-16", "start": "10:00", "minutes": "120"}
    page = browser.post("/time/fill/", gap, follow=True).content.decode()
    assert "120 min logged on #1." in page
    with enter(world.north.scope()), timezone.override("Europe/London"):
        assert day_of(world.north.staff["technician"], MONDAY, NOW).gaps == []
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    browser.post(undo[1].replace("&amp;", "&"))
    with enter(world.north.scope()):
        assert TimeEntry.objects.count() == 2
    assert "There is no ticket" in browser.post("/time/fill/", gap | {"ticket": "99"}, follow=True).content.decode()
    assert world.north.browser("read_only").post("/time/fill/", gap).status_code == 403


def test_an_approved_week_stays_as_it_is_until_it_is_sent_back(world: World) -> None:
    north, entry = world.north, log(world, 1, 9, 60)
    tech, boss = north.staff["technician"], north.staff["dispatcher"]
    with enter(north.scope()):
        week = hand_in(world)
        assert (week.minutes, week.state) == (60, "submitted")
        actions.approve_week(actor=boss.as_actor(), now=NOW, week=week)
        given = {"actor": tech.as_actor(), "now": NOW}
        with pytest.raises(Refused, match="is approved"):
            actions.delete_time(**given, entry=entry)
        values = {"minutes": 5, "note": "", "started_at": NOW - timedelta(hours=2), "work_type": "remote"}
        with pytest.raises(Refused, match="is approved"):
            actions.change_time(**given, entry=entry, **values, is_billable=True)
        with pytest.raises(Refused, match="is approved"):
            actions.log_time(**given, ticket=entry.ticket, member=tech, minutes=5, started_at=entry.started_at)
        with pytest.raises(Refused, match="approved already"):
            hand_in(world)
        actions.return_week(actor=boss.as_actor(), now=NOW, week=week, because="Tuesday is missing")
        assert Notification.objects.get(to=tech).words == f"{boss.name} sent your week back: Tuesday is missing"
        actions.delete_time(**given, entry=entry)
        assert hand_in(world).minutes == 0
        verbs = Entry.objects.filter(verb__startswith="week.").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["week.submitted", "week.approved", "week.returned", "week.submitted"]


def test_weeks_are_handed_in_and_decided_by_whoever_assigns(world: World) -> None:
    north = world.north
    log(world, 1, 9, 60)
    tech, boss = north.browser("technician"), north.browser("dispatcher")
    assert (
        "waiting for approval" in tech.post("/time/week/submit/", {"week": "2026-11-16"}, follow=True).content.decode()
    )
    with enter(north.scope()):
        week = TimeWeek.objects.get()
    assert "Technician Northgate" in boss.get("/time/team/?day=2026-11-17").content.decode()
    assert "Approve" in boss.get(f"/time/weeks/{week.pk}/").content.decode()
    assert boss.post(f"/time/weeks/{week.pk}/return/", {"because": ""}).status_code == 302
    assert boss.post(f"/time/weeks/{week.pk}/approve/").status_code == 302
    assert "meanwhile" in boss.post(f"/time/weeks/{week.pk}/approve/", follow=True).content.decode()
    assert "Approved by Dispatcher Northgate" in tech.get("/time/week/?week=2026-11-16").content.decode()
    assert (
        "sent it back"
        in (
            boss.post(f"/time/weeks/{week.pk}/return/", {"because": "Gap"}) and tech.get("/time/week/?week=2026-11-16")
        ).content.decode()
    )
    for path in ("/time/team/", f"/time/weeks/{week.pk}/"):
        assert tech.get(path).status_code == 403
    assert world.low.browser("owner").get(f"/time/weeks/{week.pk}/").status_code == 404


def test_nobody_approves_their_own_week_but_an_owner(world: World) -> None:
    with enter(world.north.scope()):
        own, owners = hand_in(world, "dispatcher"), hand_in(world, "owner")
    assert world.north.browser("dispatcher").post(f"/time/weeks/{own.pk}/approve/").status_code == 403
    assert world.north.browser("owner").post(f"/time/weeks/{owners.pk}/approve/").status_code == 302


def test_the_teams_day_needs_the_same_queries_for_one_and_three(world: World) -> None:
    members, counts = list(world.north.staff.values()), []
    for roles in (("technician",), ("owner", "dispatcher")):
        for role in roles:
            log(world, 0, 9, 60, role=role)
        with (
            enter(world.north.scope()),
            timezone.override("Europe/London"),
            CaptureQueriesContext(connection) as queries,
        ):
            rows = team_on(MONDAY, members, NOW)
        counts.append(len(queries.captured_queries))
    assert counts[0] == counts[1]
    assert sum(day.minutes for _member, day in rows) == 180
