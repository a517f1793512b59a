"""Who owes how much for how long: every cent in one column, on any day, equal to the ledger."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from billing import actions
from billing.queries.ageing import ageing
from billing.rules.ageing import STEPS, aged, column_of
from msp.tenancy.context import enter
from tests.billing.reading import page, text, today  # noqa: F401
from tests.world import World

from .conftest import Office

DAY = date(2026, 11, 23)
amounts = st.decimals(min_value="-9999.99", max_value="9999.99", places=2)


@given(st.lists(st.tuples(amounts, st.integers(-400, 400)), max_size=30), amounts)
def test_every_cent_stands_in_one_column(items: list[tuple[Decimal, int]], on_account: Decimal) -> None:
    found = aged([(amount, DAY - timedelta(days=late)) for amount, late in items], on_account, DAY)
    assert found.receivables == sum(amount for amount, _late in items)
    assert found.credit_notes == sum(amount for amount, _late in items if amount < 0)
    assert found.past_due == sum(amount for amount, late in items if amount > 0 and late > 0)
    assert found.balance == found.receivables - on_account


def test_columns_begin_where_the_one_before_ends() -> None:
    days = [-5, 0, 1, 30, 31, 60, 61, 90, 91, 4000]
    assert [column_of(DAY - timedelta(days=late), DAY) for late in days] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert len(STEPS) + 2 == 5


def test_today_and_any_day_before_equal_the_ledger(world: World, office: Office) -> None:
    first, other = office.issued(world.north.one), office.issued(world.north.two)
    now = timezone.now()
    day = first.issued_on
    with enter(world.north.scope()):
        who = {"actor": office.actor, "now": now}
        money_in = {"amount": Decimal("8.01"), "method": "transfer", "reference": "", "paid_on": day, **who}
        actions.record_payment(invoice=first, **money_in)
        actions.record_on_account(client=world.north.two.client, currency="GBP", **money_in)
        [sheet] = ageing(day, today=day).totals
        assert (sheet.receivables, sheet.on_account, sheet.equals_ledger) == (Decimal("207.99"), Decimal("8.01"), True)
        [late] = ageing(other.due_on + timedelta(days=31)).totals
        assert late.late == (0, Decimal("207.99"), 0, 0)
        assert ageing(day - timedelta(days=1), today=day).totals == []
        [then] = ageing(day, today=day + timedelta(days=1)).totals  # read from the ledger alone
        assert (then.receivables, then.on_account, then.equals_ledger) == (Decimal("207.99"), Decimal("8.01"), True)
        rows = {row.client.pk: row.aged.balance for row in ageing(day, today=day).rows}
        assert rows == {world.north.one.client.pk: Decimal("99.99"), world.north.two.client.pk: Decimal("99.99")}
    browser = world.north.browser("office_manager")
    html = text(page(browser, "/billing/overdue/"))
    assert "equals the ledger" in html
    assert "£207.99" in html
    table = list(csv.reader(io.StringIO(browser.get("/billing/overdue/export.csv").content.decode("utf-8-sig"))))
    assert table[-1][0] == "Total"
    assert [Decimal(cell) for cell in table[-1][-3:]] == [Decimal("207.99"), Decimal("8.01"), Decimal("199.98")]
    for odd in ("2026-99-99", "nonsense", "2999-01-01", "1900-01-01"):
        page(browser, "/billing/overdue/", on=odd)
    assert "Nobody owes anything" in page(world.low.browser("owner"), "/billing/overdue/")
    assert world.north.browser("technician").get("/billing/overdue/").status_code == 403
