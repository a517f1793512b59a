"""Where fixed fees and projects are heading, and how people's hours are used."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import actions
from billing.queries.forecast import forecasts
from billing.queries.profit import window
from billing.queries.utilisation import Utilised, together, utilisation
from billing.rules.forecasting import Outlook, elapsed, expected_minutes, periods_in, term_of
from billing.rules.proration import Period
from clients.models import Leave, ServiceCalendar
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office
from .test_agreements import TODAY, agreed
from .test_profit import set_costs

FORECAST_QUERIES, UTILISATION_QUERIES = 7, 4


@pytest.mark.parametrize(
    ("starts", "ends", "months", "first", "last"),
    [
        ("2024-03-15", None, 12, "2026-03-15", "2027-03-14"),  # no end: its own year
        ("2026-11-23", None, 12, "2026-11-23", "2027-11-22"),
        ("2024-02-29", None, 12, "2026-02-28", "2027-02-27"),
        ("2020-01-01", "2026-12-31", 12, "2026-01-01", "2026-12-31"),
        ("2026-10-01", "2026-12-31", 12, "2026-10-01", "2026-12-31"),  # a first term that is shorter
    ],
)
def test_the_term_that_a_day_lies_in(starts: str, ends: str | None, months: int, first: str, last: str) -> None:
    until = date.fromisoformat(ends) if ends else None
    found = term_of(date.fromisoformat(starts), until, months, date(2026, 11, 23))
    assert (found.start.isoformat(), found.end.isoformat()) == (first, last)


def test_shares_of_a_term() -> None:
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    assert (periods_in(year, "month"), periods_in(year, "quarter"), periods_in(year, "year")) == (12, 4, 1)
    assert periods_in(Period(date(2026, 4, 16), date(2026, 5, 31)), "month") == Decimal("1.5")
    assert elapsed(year, date(2025, 12, 31)) == 0
    assert elapsed(year, date(2027, 5, 5)) == 1
    assert elapsed(Period(date(2026, 4, 1), date(2026, 4, 30)), date(2026, 4, 15)) == Decimal("0.5")


@pytest.mark.parametrize(
    ("actual", "planned", "done", "expected"),
    [
        (600, 1000, "0.5", 1200),  # it goes on like that
        (600, 1000, "0.05", 1000),  # too early to say: the plan
        (1100, 1000, "0", 1100),
        (1100, 1000, "1", 1100),
        (50, None, "0.05", None),
        (50, None, "0.5", 100),
    ],
)
def test_what_it_comes_to(actual: int, planned: int | None, done: str, expected: int | None) -> None:
    assert expected_minutes(actual, planned, Decimal(done)) == expected


def test_the_rest_costs_what_an_hour_does() -> None:
    look = Outlook(1000, 600, Decimal("0.5"), Decimal(900), Decimal(300), Decimal(60))
    assert (look.expected, look.expected_cost, look.is_over, look.percent_used) == (1200, 900, True, 60)
    assert (look.planned_cost, look.margin and look.margin.profit) == (1000, 0)
    blind = Outlook(None, 600, Decimal("0.5"), Decimal(900), Decimal(0), None)
    assert (blind.planned_cost, blind.expected_cost, blind.margin, blind.is_over) == (None, None, None, False)


@pytest.mark.parametrize("more", [0, 2])
def test_projects_and_fees_are_forecast_in_as_many_queries(world: World, office: Office, more: int) -> None:
    set_costs(world, office)  # 30.00 an hour and 60 %: 48.00
    north, who = world.north, {"actor": office.actor, "now": NOW}
    given: dict[str, Any] = {"kind": "project", "name": "Server", "starts_on": date(2026, 11, 1)}
    project = agreed(office, north.one, planned_hours=Decimal(2), **given)
    items = [{"label": "Base", "unit_price": Decimal(100)}]
    care = agreed(office, north.one, {"included_minutes": 60}, items=items)
    ticket, old = office.solved(north.one, 90), office.solved(north.two, 60)
    for number in range(more):
        agreed(office, north.two, items=items, name=f"Care {number}")
    with enter(north.scope()):
        steps = [
            actions.add_milestone(agreement=project, values={"title": title, "amount": Decimal(amount)}, **who)
            for title, amount in (("Ordered", 400), ("Installed", 400))
        ]
        actions.put_ticket_under(agreement=project, ticket=ticket, **who)
        actions.reach_milestone(milestone=steps[0], **who)
        with CaptureQueriesContext(connection) as queries:
            rows = {row.agreement.pk: row for row in forecasts(TODAY)}
        assert len(queries) == FORECAST_QUERIES
        assert len(rows) == 2 + more
        look = rows[project.pk].outlook
        assert (look.planned, look.actual, look.done, look.expected, look.is_over) == (
            120,
            90,
            Decimal("0.5"),
            180,
            True,
        )
        assert (look.fee, look.cost, look.expected_cost) == (800, 72, 144)
        fee = rows[care.pk].outlook
        assert (fee.planned, fee.actual, fee.fee, rows[care.pk].term.start) == (720, 0, 1200, date(2026, 1, 1))
        assert (fee.hour, old.client_id) == (48, north.two.client.pk)


@pytest.mark.parametrize("people", [1, 3])
def test_logged_time_against_working_hours(world: World, office: Office, people: int) -> None:
    north, technician = world.north, world.north.staff["technician"]
    office.solved(north.one, 120)
    office.solved(north.one, 60, is_billable=False)
    first, last = date(2026, 11, 16), date(2026, 11, 22)  # a week; NOW's work was on its Sunday
    with enter(north.scope()):
        windows = [[day, 9 * 60, 17 * 60] for day in range(5)]
        ServiceCalendar.objects.create(name="Office", zone="Europe/London", is_default=True, windows=windows)
        for member in list(north.staff.values())[:people]:
            type(member).objects.filter(pk=member.pk).update(created_at=NOW - timedelta(days=400))
        type(technician).objects.filter(pk=technician.pk).update(created_at=NOW - timedelta(days=400))
        Leave.objects.create(member=technician, starts_on=date(2026, 11, 19), ends_on=date(2026, 11, 30))
        asked = window(first, last)
        with CaptureQueriesContext(connection) as queries:
            rows = utilisation(asked)
        assert len(queries) <= UTILISATION_QUERIES
        mine = next(row for row in rows if row.of == technician)
        assert (mine.days, mine.away, mine.available) == (3, 2, 3 * 480)
        assert (mine.billable, mine.other, mine.share, mine.logged_share) == (120, 60, 8, 12)
        assert mine.unaccounted == 3 * 480 - 180
        whole = together(rows)
        assert (whole.billable, whole.other) == (120, 60)


def test_without_service_hours_nothing_is_divided() -> None:
    row = Utilised(None, 0, 0, None, 60, 0)
    assert (row.share, row.logged_share, row.unaccounted) == (None, None, None)
    assert Utilised(None, 1, 0, 60, 90, 0).unaccounted == 0


def test_the_pages_are_the_owners(world: World, office: Office) -> None:
    owner = world.north.browser("owner")
    assert "No project or fixed fee in force" in owner.get("/owner/profit/forecast/").content.decode()
    agreed(office, world.north.one, items=[{"label": "Base", "unit_price": Decimal(100)}])
    shown = owner.get("/owner/profit/forecast/").content.decode()
    assert ("£1,200.00" in shown, 'href="/owner/profit/forecast/" aria-current="true"' in shown) == (True, True)
    assert "Harbour Northgate" in owner.get("/owner/profit/forecast/export.csv").content.decode()
    for period in ("month", "last", "quarter", "year", "x"):
        assert owner.get(f"/owner/profit/utilisation/?period={period}").status_code == 200
    export = owner.get("/owner/profit/utilisation/export.csv?period=year").content.decode()
    assert world.north.staff["technician"].name in export
    for page in ("forecast", "utilisation"):
        for path in (f"/owner/profit/{page}/", f"/owner/profit/{page}/export.csv"):
            assert world.north.browser("office_manager").get(path).status_code == 403
