"""What clients, people and tickets bring and cost, at the rates of the day of the work."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import actions
from billing.queries.profit import by_agreement, by_client, by_member, by_ticket, client_months, window
from billing.rules.costing import Margin, months_back, part_of, per_hour
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def set_costs(world: World, office: Office) -> None:
    """30.00 an hour until the 22nd, 40.00 from then on, and 60 % on top."""
    given = {"actor": office.actor, "now": NOW}
    technician = world.north.staff["technician"]
    with enter(world.north.scope()):
        for day, hourly in ((date(2026, 1, 1), "30"), (date(2026, 11, 23), "40")):
            actions.set_cost_rate(member=technician, valid_from=day, hourly=Decimal(hourly), **given)
        actions.set_overhead(valid_from=date(2026, 1, 1), percent=Decimal(60), **given)


@pytest.mark.parametrize(
    ("back", "first"), [(0, date(2026, 1, 1)), (1, date(2025, 12, 1)), (11, date(2025, 2, 1)), (13, date(2024, 12, 1))]
)
def test_months_are_counted_back_over_years(back: int, first: date) -> None:
    assert months_back(date(2026, 1, 31), back) == first


def test_margins_add_up() -> None:
    found = Margin(Decimal(100), Decimal(30), Decimal(20), Decimal(10)) + Margin(labour=Decimal(50))
    assert (found.cost, found.profit, found.percent, found.is_loss) == (110, -10, -10, True)
    assert (Margin().percent, part_of(1, 3), part_of(1, 0)) == (None, 33, None)
    assert (per_hour(Decimal(90), 30), per_hour(Decimal(1), 0)) == (180, None)


def test_a_clients_month_knows_hours_issues_cost_and_revenue(world: World, office: Office) -> None:
    set_costs(world, office)
    office.issued(world.north.one)  # 1 h on the 22nd at 30.00 and 60 %: 48.00; revenue 90.00
    office.solved(world.north.one, 30, is_billable=False)
    office.solved(world.north.two, 60, solved_at=None)
    with enter(world.north.scope()):
        asked = window(*NOVEMBER)
        with CaptureQueriesContext(connection) as queries:
            months = {row.client_id: row for row in client_months(asked)}
        assert len(queries) <= 9
        one, two = months[world.north.one.client.pk], months[world.north.two.client.pk]
        assert (one.month, one.minutes, one.billable, one.issues) == (date(2026, 11, 1), 90, 60, 2)
        assert (one.margin.revenue, one.margin.labour, one.margin.profit) == (90, 72, 18)
        assert (two.minutes, two.margin.profit, two.uncosted) == (60, -48, 0)
        assert [row.of.name for row in by_client(asked)] == ["Orchard Northgate", "Harbour Northgate"]
        [person] = by_member(asked)
        assert (person.minutes, person.billable, person.share, person.margin.revenue) == (150, 120, 80, 90)
        assert [(row.margin.profit, row.of.number) for row in by_ticket(asked)] == [(-48, 3), (-24, 2), (42, 1)]
        assert by_agreement(asked) == []
        assert list(client_months(window(date(2026, 10, 1), date(2026, 10, 31)))) == []


def test_a_credit_counts_against_it_and_the_rate_is_that_of_the_day(world: World, office: Office) -> None:
    set_costs(world, office)
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        note = actions.credit_invoice(invoice=invoice, reason="Goodwill", actor=office.actor, now=NOW)
        note = actions.approve_invoice(invoice=note, actor=office.actor, now=NOW, reason="Agreed")
        actions.issue_invoice(invoice=note, actor=office.actor, now=NOW)
        [row] = client_months(window(*NOVEMBER))
        assert (row.margin.revenue, row.margin.labour) == (0, 48)
        day = date(2026, 11, 1)
        technician = world.north.staff["technician"]
        actions.set_cost_rate(member=technician, valid_from=day, hourly=Decimal(35), actor=office.actor, now=NOW)
        [row] = client_months(window(*NOVEMBER))
        assert row.margin.labour == 56
        assert Entry.objects.filter(verb="costs.rate_set").count() == 3
        assert "35" not in repr(list(Entry.objects.filter(verb="costs.rate_set").values_list("data", flat=True)))


def test_the_page_is_the_owners(world: World, office: Office) -> None:
    office.solved(world.north.one, 60, solved_at=timezone.now() - timedelta(hours=1))
    owner = world.north.browser("owner")
    for view in ("clients", "people", "agreements", "tickets", "lost"):
        assert owner.get(f"/owner/profit/?view={view}&period=year").status_code == 200
    assert owner.get("/owner/profit/export.csv?period=year").status_code == 200
    rate = {"do": "rate", "member": str(world.north.staff["technician"].pk), "hourly": "30", "valid_from": "2026-01-01"}
    for _twice in range(2):
        assert owner.post("/owner/profit/costs/", rate).status_code == 302
    assert owner.post("/owner/profit/costs/", {"do": "overhead", "percent": "x", "valid_from": ""}).status_code == 422
    assert "£30.00" in owner.get("/owner/profit/costs/").content.decode()
    for role in ("office_manager", "technician"):
        for path in ("/owner/profit/", "/owner/profit/costs/", "/owner/profit/export.csv"):
            assert world.north.browser(role).get(path).status_code == 403
