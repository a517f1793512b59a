"""Service calendars on their settings pages, and whose calendar counts for whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients import actions
from clients.models import Client, ServiceCalendar, Site
from clients.queries import calendar_for
from clients.queries.calendars import preview_of
from clients.rules.calendars import Window
from clients.rules.holidays import OwnDay, Terms, countries_with_holidays, public_holidays, regions_of
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

HOURS: dict[str, Any] = {
    "name": "Office hours",
    "zone": "Europe/London",
    "country": "GB",
    "region": "ENG",
    "day_0": "9-12, 13:00-17.30",
    "day_1": "09:00-17:30",
    "day_5": "",
    "day_6": "22:00 to 24:00",
}


def make(world: World, name: str = "Office hours", **values: Any) -> ServiceCalendar:
    north = world.north
    given = {"name": name, "zone": "Europe/London", "windows": (Window(0, 540, 1020),), "country": "", "region": ""}
    with enter(north.scope()):
        actor = north.staff["owner"].as_actor()
        return actions.create_calendar(actor=actor, now=NOW, values=given | values)


def kept(world: World) -> ServiceCalendar:
    with enter(world.north.scope()):
        return ServiceCalendar.objects.get()


def test_a_calendar_is_made_as_it_was_typed_and_the_first_is_the_shops_own(world: World) -> None:
    answer = world.north.browser("owner").post("/settings/calendars/new/", HOURS)
    calendar = kept(world)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/settings/calendars/{calendar.pk}/")
    assert calendar.windows == [[0, 540, 720], [0, 780, 1050], [1, 540, 1050], [6, 1320, 1440]]
    assert (calendar.zone, calendar.country, calendar.region, calendar.is_default) == (
        "Europe/London",
        "GB",
        "ENG",
        True,
    )
    with enter(world.north.scope()):
        assert [(entry.verb, entry.data) for entry in Entry.objects.all()] == [
            ("calendar.created", {"name": "Office hours"})
        ]


@pytest.mark.parametrize("typed", ["morning", "12:00-09:00", "9:75-10", "9-25", "9-9", "9"])
def test_hours_that_cannot_be_read_are_said_and_kept(world: World, typed: str) -> None:
    answer = world.north.browser("owner").post("/settings/calendars/new/", HOURS | {"day_2": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{typed}"' in page
    assert "Write hours like 09:00-12:00" in page


def test_a_calendar_opens_some_time_and_its_name_is_its_own(world: World) -> None:
    browser = world.north.browser("owner")
    closed = HOURS | {f"day_{day}": "" for day in range(7)}
    assert browser.post("/settings/calendars/new/", closed).status_code == 422
    assert browser.post("/settings/calendars/new/", HOURS).status_code == 302
    assert browser.post("/settings/calendars/new/", HOURS).status_code == 422
    kept(world)


def test_a_change_shows_what_was_and_the_same_again_writes_nothing(world: World) -> None:
    calendar = make(world)
    browser = world.north.browser("owner")
    for _ in range(2):
        assert browser.post(f"/settings/calendars/{calendar.pk}/", HOURS | {"name": "Weekdays"}).status_code == 302
    assert kept(world).name == "Weekdays"
    with enter(world.north.scope()):
        entries = list(Entry.objects.order_by("id"))
        assert [entry.verb for entry in entries] == ["calendar.created", "calendar.changed"]
        assert entries[1].data["was"]["windows"] == [[0, 540, 1020]]


def test_own_days_close_and_open_and_go(world: World) -> None:
    calendar = make(world, country="GB", region="ENG")
    browser = world.north.browser("owner")
    days = f"/settings/calendars/{calendar.pk}/days/"
    assert browser.post(days, {"day": "2026-12-24", "name": "Christmas Eve", "works": ""}).status_code == 302
    assert browser.post(days, {"day": "2026-12-28", "name": "We work", "works": "yes"}).status_code == 302
    assert browser.post(days, {"day": "", "name": ""}).status_code == 422
    terms = kept(world).terms
    assert terms.days == (OwnDay(date(2026, 12, 24), "Christmas Eve"), OwnDay(date(2026, 12, 28), "We work", True))
    off = terms.calendar().holidays
    named = {day: off.get(date(2026, 12, day)) for day in (24, 25, 28)}
    assert named == {24: "Christmas Eve", 25: "Christmas Day", 28: None}
    assert browser.post(f"{days}remove/", {"day": "2026-12-28"}).status_code == 302
    assert browser.post(f"{days}remove/", {"day": "soon"}).status_code == 400
    assert kept(world).terms.days == (OwnDay(date(2026, 12, 24), "Christmas Eve"),)
    assert Terms.from_json(kept(world).terms.to_json()) == kept(world).terms


def test_the_preview_shows_the_hours_while_they_are_typed(world: World) -> None:
    browser = world.north.browser("owner")
    page = browser.post("/settings/calendars/preview/", HOURS | {"day_3": "nonsense"}).content.decode()
    assert "09:00-12:00, 13:00-17:30" in page
    assert "Christmas Day" in page
    assert 'value="ENG" selected' in page
    assert "Bayern" in browser.post("/settings/calendars/preview/", HOURS | {"country": "DE"}).content.decode()
    assert browser.post("/settings/calendars/preview/", {}).status_code == 422


def test_the_preview_covers_two_weeks_and_a_year_of_holidays() -> None:
    terms = Terms("Europe/London", (Window(0, 540, 1020),), "GB", "SCT", (OwnDay(date(2026, 11, 23), "Away day"),))
    preview = preview_of(terms, date(2026, 11, 23))
    assert len(preview.days) == 14
    assert [day.holiday for day in preview.days[:8:7]] == ["Away day", "Saint Andrew's Day"]
    assert preview.days[1].windows == ()
    assert "Hogmanay" not in [day.holiday for day in preview.holidays]
    assert preview.holidays[-1].day < date(2027, 11, 24)


def test_the_library_knows_countries_and_their_regions() -> None:
    assert {"GB", "DE", "US", "CH"} <= countries_with_holidays()
    assert ("SCT", "Scotland") in regions_of("GB")
    assert regions_of("XX") == ()
    assert public_holidays("XX").get(date(2026, 12, 25)) is None
    assert public_holidays("DE", "BY").get(date(2026, 1, 6)) is not None
    assert public_holidays("DE", "BE").get(date(2026, 1, 6)) is None


def test_the_sites_calendar_comes_before_the_clients_and_the_shops(world: World) -> None:
    north, shops, clients, sites = world.north, make(world), make(world, "Shop floor"), make(world, "Night shift")
    with enter(north.scope()):
        client, site = north.one.client, north.one.site
        assert calendar_for(client, site) == shops
        actor = north.staff["owner"].as_actor()
        client = actions.change(actor=actor, now=NOW, row=client, values={"calendar": clients})
        assert calendar_for(client, site) == clients
        site = actions.change(actor=actor, now=NOW, row=site, values={"calendar": sites})
        assert (calendar_for(client, site), calendar_for(client)) == (sites, clients)
        with pytest.raises(actions.StillNeeded, match="Main office still has"):
            actions.archive_calendar(actor=actor, now=NOW, calendar=sites)


def test_the_clients_form_offers_the_calendars(world: World) -> None:
    calendar = make(world)
    browser, slug = world.north.browser("technician"), world.north.one.client.slug
    assert "Office hours" in browser.get(f"/clients/{slug}/edit/").content.decode()
    values = {"name": "Harbour", "country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
    assert browser.post(f"/clients/{slug}/edit/", values | {"calendar": str(calendar.pk)}).status_code == 302
    with enter(world.north.scope()):
        assert Client.objects.get(slug=slug).calendar == calendar
        assert Site.objects.get(client__slug=slug).calendar is None


def test_the_default_changes_and_the_others_go_to_the_archive(world: World) -> None:
    first, second = make(world), make(world, "Nights")
    browser = world.north.browser("owner")
    browser.post(f"/settings/calendars/{first.pk}/archive/")
    browser.post(f"/settings/calendars/{second.pk}/default/")
    with enter(world.north.scope()):
        assert ServiceCalendar.objects.get(is_default=True) == second
    browser.post(f"/settings/calendars/{first.pk}/archive/")
    with enter(world.north.scope()):
        assert [calendar.name for calendar in ServiceCalendar.objects.living()] == ["Nights"]
    assert browser.get(f"/settings/calendars/{first.pk}/").status_code == 404


def test_only_who_manages_settings_sees_calendars_and_only_their_own_shops(world: World) -> None:
    calendar = make(world)
    paths = ("", "new/", f"{calendar.pk}/")
    for path in paths:
        assert world.north.browser("owner").get(f"/settings/calendars/{path}").status_code == 200
        assert world.north.browser("technician").get(f"/settings/calendars/{path}").status_code == 403
    low = world.low.browser("owner")
    assert low.get(f"/settings/calendars/{calendar.pk}/").status_code == 404
    for part in ("", "days/", "days/remove/", "default/", "archive/"):
        assert low.post(f"/settings/calendars/{calendar.pk}/{part}", HOURS).status_code == 404
    assert low.post("/settings/calendars/preview/", HOURS | {"calendar": str(calendar.pk)}).status_code == 404


def test_the_list_asks_the_same_for_one_and_three(world: World) -> None:
    browser, counts = world.north.browser("owner"), []
    for names in (["A"], ["B", "C"]):
        for name in names:
            make(world, name)
        browser.get("/settings/calendars/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/settings/calendars/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
