"""Thanks to clients who stay: once an occasion, one a draft, within the cap and the margin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing import actions
from billing.choices.care import Gift, LoyaltyCounts
from billing.models import DunningStep, Invoice, InvoiceLine, LoyaltyGift, LoyaltyRule, ReminderFee
from billing.rules.loyalty import (
    Loyal,
    Rule,
    Work,
    amount_of,
    most_off,
    occasion_of,
    offer_for,
    years_between,
)
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office
from .test_asking import queries_of

YEARS = Rule("years", LoyaltyCounts.YEARS, 5, True, Gift.PERCENT, Decimal(10), Decimal(50))
ONCE = Rule("once", LoyaltyCounts.YEARS, 10, False, Gift.SERVICE)
HUNDRED = Rule("hundred", LoyaltyCounts.JOBS, 100, True, Gift.SERVICE)


@pytest.mark.parametrize(
    ("since", "today", "years"),
    [
        (date(2016, 2, 29), date(2017, 2, 28), 0),
        (date(2016, 2, 29), date(2017, 3, 1), 1),
        (date(2016, 2, 29), date(2020, 2, 29), 4),
        (date(2020, 11, 23), date(2026, 11, 22), 5),
        (date(2020, 11, 23), date(2026, 11, 23), 6),
        (date(2027, 1, 1), date(2026, 11, 23), -1),
    ],
)
def test_years_are_whole(since: date, today: date, years: int) -> None:
    assert years_between(since, today) == years


@pytest.mark.parametrize(
    ("rule", "years", "solved", "occasion"),
    [
        (YEARS, 4, 0, None),
        (YEARS, 5, 0, 5),
        (YEARS, 7, 0, 7),
        (ONCE, 12, 0, 10),
        (HUNDRED, 0, 99, None),
        (HUNDRED, 0, 100, 100),
        (HUNDRED, 0, 399, 300),
    ],
)
def test_what_is_celebrated(rule: Rule[str], years: int, solved: int, occasion: int | None) -> None:
    assert occasion_of(rule, Loyal(date(2026 - years, 1, 1), solved, date(2026, 11, 23))) == occasion


@pytest.mark.parametrize(
    ("amount", "cost", "given", "floor", "found"),
    [
        ("200.00", None, "0", "0", "20.00"),
        ("900.00", None, "0", "0", "50.00"),  # the cap of a year
        ("900.00", None, "45.50", "0", "4.50"),
        ("900.00", None, "50", "0", None),
        ("200.00", "110.00", "0", "40", "16.66"),  # 183.34 is left, of which 40 % are earned
        ("200.00", "150.00", "0", "40", None),
        ("200.00", None, "0", "40", None),  # nobody has said what an hour costs
        ("0", "0", "0", "0", None),
    ],
)
def test_percent_stay_within_cap_and_margin(
    amount: str, cost: str | None, given: str, floor: str, found: str | None
) -> None:
    work = Work(Decimal(amount), Decimal(cost) if cost else None, "GBP")
    off = amount_of(YEARS, work, Decimal(given), Decimal(floor))
    assert off == (Decimal(found) if found else None)


def test_one_gift_at_a_time_and_none_twice() -> None:
    client, work = Loyal(date(2010, 1, 1), 250, date(2026, 11, 23)), Work(Decimal(300), None, "GBP")
    said: dict[str, Any] = {"given": {}, "floor": Decimal(0)}
    rules = [HUNDRED, ONCE, YEARS]
    found = offer_for(rules, client, work, taken=(), **said)
    assert found
    assert (found.rule, found.occasion, found.amount) == (YEARS, 16, 30)
    found = offer_for(rules, client, work, taken={("years", 16)}, **said)
    assert found
    assert (found.rule, found.occasion, found.amount) == (HUNDRED, 200, 0)
    taken = {("years", 16), ("hundred", 200), ("once", 10)}
    assert offer_for(rules, client, work, taken=taken, **said) is None


def test_the_margin_holds_for_any_amounts(scale: Callable[[int, int], int]) -> None:
    cents = st.decimals(0, 10_000, places=2)

    @given(cents, cents, st.decimals(0, 99, places=1), st.sampled_from(["GBP", "JPY", "BHD"]))
    @settings(max_examples=scale(60, 3_000), deadline=None)
    def check(amount: Decimal, cost: Decimal, floor: Decimal, currency: str) -> None:
        off = most_off(Work(amount, cost, currency), floor)
        assert 0 <= off <= amount
        left = amount - off
        assert off == 0 or (left - cost) * 100 >= left * floor

    check()


def rule(office: Office, **given: Any) -> LoyaltyRule:
    values = {
        "name": "Years", "counts": "years", "threshold": 5, "repeats": True, "gift": "percent", "percent": Decimal(10),
        "thanks": "Thank you, {client}, for {years} years", "automatic": True,
    }  # fmt: skip
    with enter(office.shop.scope()):
        office.shop.one.client.since = date(2016, 1, 1)
        office.shop.one.client.save(update_fields=["since"])
        return actions.add_rule(values=values | given, actor=office.actor, now=NOW)


def test_a_draft_is_thanked_once_and_a_discarded_one_gives_the_occasion_back(world: World, office: Office) -> None:
    rule(office)
    first = _draft(world, office)
    with enter(world.north.scope()):
        [work, thanks] = InvoiceLine.objects.filter(invoice=first).order_by("position")
        assert (work.amount, thanks.amount, thanks.tax_rate) == (90, -9, 20)
        assert thanks.description == f"Thank you, {world.north.one.client.name}, for 10 years"
        assert (first.net, first.total) == (81, Decimal("97.2"))
        assert Entry.objects.filter(verb="invoice.gift_given").count() == 1
        assert actions.give_gift(invoice=first, actor=office.actor, now=NOW) is None
    second = _draft(world, office)
    with enter(world.north.scope()):
        assert InvoiceLine.objects.filter(invoice=second).count() == 1
        actions.discard_draft(invoice=first, actor=office.actor, now=NOW)
        gift = actions.give_gift(invoice=second, actor=office.actor, now=NOW)
        assert gift
        assert (LoyaltyGift.objects.get().invoice_id, gift.amount) == (second.pk, 9)
        line = InvoiceLine.objects.select_related("invoice").get(pk=gift.line_id)
        actions.remove_line(line=line, actor=office.actor, now=NOW, reason="Not now")
        assert LoyaltyGift.objects.get().line_id is None
        assert LoyaltyGift.objects.standing().count() == 0


def test_a_service_is_a_zero_line_and_a_button_offers_what_is_not_by_itself(world: World, office: Office) -> None:
    rule(office, gift="service", percent=None, automatic=False, thanks="A free check of your backups")
    draft = _draft(world, office)
    browser = world.north.browser("office_manager")
    assert "A free check of your backups" in browser.get(f"/billing/invoices/{draft.pk}/").content.decode()
    assert world.north.browser("technician").post(f"/billing/invoices/{draft.pk}/gift/").status_code == 403
    for _press in range(2):
        assert browser.post(f"/billing/invoices/{draft.pk}/gift/").status_code == 302
    with enter(world.north.scope()):
        [_work, thanks] = InvoiceLine.objects.filter(invoice=draft).order_by("position")
        assert (thanks.amount, thanks.description) == (0, "A free check of your backups")
    assert "A free check of your backups" in browser.get("/billing/loyalty/").content.decode()
    assert "A free check of your backups" in browser.get("/billing/loyalty/export.csv").content.decode()
    assert "Nothing was given" in browser.get("/billing/loyalty/?year=2020").content.decode()


def test_the_report_asks_the_same_for_one_and_three(world: World, office: Office) -> None:
    made = rule(office, gift="service", percent=None, counts="jobs", threshold=1)
    browser, found = world.north.browser("office_manager"), []
    for more in (1, 2):
        for _number in range(more):
            _draft(world, office)
        found.append(queries_of(browser, "/billing/loyalty/"))
    assert browser.get("/billing/loyalty/").content.decode().count(made.name) == 3
    assert (found[0], found[0][0]) == (found[1], 3)


def test_reminder_fees_go_on_the_next_draft_once(world: World, office: Office) -> None:
    late = office.issued(world.north.one)
    with enter(world.north.scope()):
        step = DunningStep.objects.create(name="Last reminder", position=1, days=10, fee=Decimal(12))
        values = {"step": step, "currency": "GBP", "amount": Decimal(12), "arose_at": NOW}
        fee = ReminderFee.objects.create(invoice=late, client=late.client, **values)
    draft = _draft(world, office)
    with enter(world.north.scope()):
        line = InvoiceLine.objects.get(invoice=draft, position=2)
        assert (line.description, line.amount, line.tax_rate) == (
            "Fee for a reminder of INV-0001 (Last reminder)",
            12,
            0,
        )
        assert actions.add_fees(invoice=draft, actor=office.actor, now=NOW) == []
        actions.discard_draft(invoice=draft, actor=office.actor, now=NOW)
    again = _draft(world, office)
    with enter(world.north.scope()):
        fee.refresh_from_db()
        assert fee.line.invoice_id == again.pk


def test_rules_are_written_by_who_manages_the_shop(world: World, office: Office) -> None:
    browser, page = world.north.browser("owner"), "/settings/billing/loyalty/"
    given = {"name": "Ten", "counts": "years", "threshold": "10", "gift": "percent", "percent": "", "thanks": "{who}"}
    assert browser.post(f"{page}new/", given).status_code == 422
    given |= {"percent": "5", "thanks": "Thank you for {years} years", "repeats": "on"}
    assert browser.post(f"{page}new/", given).status_code == 302
    with enter(world.north.scope()):
        made = LoyaltyRule.objects.get()
    assert browser.post(f"{page}{made.pk}/", given | {"gift": "service"}).status_code == 302
    assert browser.post(page, {"hour_cost": "40", "margin_floor": "30"}).status_code == 302
    assert "Ten" in browser.get(page).content.decode()
    assert browser.post(f"{page}{made.pk}/archive/").status_code == 302
    assert browser.get(f"{page}{made.pk}/").status_code == 404
    assert world.north.browser("office_manager").get(page).status_code == 403
    assert "No rule of loyalty yet" in browser.get("/billing/loyalty/").content.decode()


def _draft(world: World, office: Office) -> Invoice:
    """A draft of an hour at 90.00."""
    office.solved(world.north.one, 60)
    drafted = office.draft(world.north.one)
    return office.again(drafted)
