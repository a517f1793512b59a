"""My time, and time on a ticket."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.forms import MinutesField
from tickets.models import TimeEntry

THEN = NOW - timedelta(days=30)  # NOW may lie ahead of the clock that the pages read


def logged(world: World, role: str = "technician", **values: Any) -> TimeEntry:
    member = world.north.staff[role]
    ticket = make_ticket(world.north)
    with enter(world.north.scope()):
        given = {"minutes": 30, "note": "Rollers"} | values
        return actions.log_time(actor=member.as_actor(), now=THEN, ticket=ticket, member=member, **given)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("45", 45), ("1:30", 90), ("1h30", 90), ("2 h", 120), ("24:00", 1440), ("15 min", 15), ("0:05", 5), (" ", None)],
)
def test_minutes_as_people_write_them(typed: str, minutes: int | None) -> None:
    assert MinutesField(required=False).clean(typed) == minutes


@pytest.mark.parametrize("typed", ["0", "0:00", "24:01", "1441", "-5", "soon", "1.5", "10000", "h"])
def test_other_words_are_no_minutes(typed: str) -> None:
    with pytest.raises(Exception, match="Write minutes, like 45 or 1:30"):
        MinutesField(required=False).clean(typed)


def test_one_press_logs_and_undo_takes_it_back(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    page = browser.post("/tickets/1/time/", {"minutes": "15"}, follow=True).content.decode()
    assert "15 min logged on #1." in page
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    with enter(north.scope()):
        assert TimeEntry.objects.values_list("minutes", "member__name").get() == (15, "Technician Northgate")
    browser.post(undo[1])
    with enter(north.scope()):
        assert not TimeEntry.objects.exists()
        verbs = list(Entry.objects.order_by("id").values_list("verb", flat=True))
        assert verbs == ["ticket.opened", "time.logged", "time.deleted"]


def test_my_day_offers_its_gaps_and_takes_more(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    day = timezone.localdate() - timedelta(days=1)
    values = {"ticket": "#1", "day": str(day), "start": "09:00", "minutes": "1:00", "note": "", "work_type": "on_site"}
    answer = browser.post("/time/", values | {"is_billable": "on"})
    assert answer.headers["Location"] == f"/time/?day={day}"
    browser.post("/time/", values | {"start": "11:15"})
    page = browser.get(f"/time/?day={day}").content.decode()
    assert "10:00 to 11:15" in page
    assert f"?day={day}&amp;start=10:00&amp;minutes=75#add" in page
    assert 'value="10:00"' in browser.get(f"/time/?day={day}&start=10:00&minutes=75").content.decode()
    with enter(north.scope()):
        found = list(TimeEntry.objects.order_by("started_at").values_list("minutes", "work_type", "is_billable"))
        assert found == [(60, "on_site", True), (60, "on_site", False)]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"ticket": "77"}, "There is no ticket with this number."),
        ({"ticket": "printer"}, "There is no ticket with this number."),
        ({"start": "25:00"}, "Enter a valid time."),
        ({"minutes": ""}, "This field is required."),
        ({"day": "2126-01-01"}, "That work would end in the future."),
    ],
)
def test_a_mistake_on_my_day_keeps_what_was_typed(world: World, wrong: dict[str, str], says: str) -> None:
    make_ticket(world.north)
    values = {"ticket": "1", "day": "2026-11-20", "start": "09:00", "minutes": "60", "work_type": "remote"}
    answer = world.north.browser("technician").post("/time/", values | {"note": "Typed with care"} | wrong)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "Typed with care" in answer.content.decode()
    with enter(world.north.scope()):
        assert not TimeEntry.objects.exists()


def test_correcting_time_is_for_its_owner_and_whoever_plans_or_bills(world: World) -> None:
    entry = logged(world, "owner")
    path = f"/tickets/1/time/{entry.pk}/"
    values = {"day": "2026-10-23", "start": "09:00", "minutes": "20", "note": "Less", "work_type": "remote"}
    assert world.north.browser("technician").post(path, values).status_code == 403
    assert world.north.browser("technician").post(f"{path}delete/").status_code == 403
    assert world.low.browser("owner").post(path, values).status_code == 404
    assert world.north.browser("dispatcher").post(path, values).status_code == 302
    with enter(world.north.scope()):
        stored = TimeEntry.objects.get()
        assert (stored.minutes, stored.note, stored.is_billable, stored.member_id) == (
            20,
            "Less",
            False,
            entry.member_id,
        )
        assert Entry.objects.get(verb="time.changed").data == {"was": 30, "minutes": 20, "note": "Less"}


def test_the_office_manager_corrects_time_from_the_tickets_page(world: World) -> None:
    entry = logged(world)
    browser, path = world.north.browser("office_manager"), f"/tickets/1/time/{entry.pk}/"
    values = {"day": "2026-10-23", "start": "09:00", "minutes": "20", "note": "Less", "work_type": "remote"}
    assert path in browser.get("/tickets/1/").content.decode()
    assert browser.get(path).status_code == 200
    assert browser.post(path, values).status_code == 302
    page = browser.post(f"{path}delete/", follow=True).content.decode()
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    browser.post(undo[1].replace("&amp;", "&"))
    with enter(world.north.scope()):
        assert (TimeEntry.objects.get().minutes, TimeEntry.objects.get().note) == (20, "Less")
    for number, role in ((2, "read_only"), (3, "technician")):
        other = logged(world, "owner")
        browser, path = world.north.browser(role), f"/tickets/{number}/time/{other.pk}/"
        assert path not in browser.get(f"/tickets/{number}/").content.decode()
        assert browser.get(path).status_code == 403


def test_deleted_time_comes_back_as_it_was(world: World) -> None:
    entry = logged(world, work_type="travel", is_billable=False)
    browser = world.north.browser("technician")
    page = browser.post(f"/tickets/1/time/{entry.pk}/delete/", follow=True).content.decode()
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    browser.post(undo[1].replace("&amp;", "&"))
    with enter(world.north.scope()):
        stored = TimeEntry.objects.get()
        names = ("minutes", "note", "work_type", "is_billable", "started_at", "member_id", "ticket_id")
        assert [getattr(stored, name) for name in names] == [getattr(entry, name) for name in names]


def test_locked_time_says_why_and_offers_no_form(world: World) -> None:
    entry = logged(world)
    actor = world.north.staff["owner"].as_actor()
    with enter(world.north.scope()):
        actions.lock_time(actor=actor, now=NOW, entries=[entry], because="It is on a draft")
    browser = world.north.browser("technician")
    page = browser.get(f"/tickets/1/time/{entry.pk}/").content.decode()
    assert "This time cannot be changed: It is on a draft" in page
    assert 'name="minutes"' not in page
    assert "It is on a draft" in browser.post(f"/tickets/1/time/{entry.pk}/delete/", follow=True).content.decode()
    with enter(world.north.scope()):
        assert TimeEntry.objects.count() == 1
