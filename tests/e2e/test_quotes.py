"""A quote by its mailed link: the client chooses, sees the sums follow, and accepts; the office sees it seen and bills it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from billing.models import Quote, QuoteRevision
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.billing.conftest import furnish
from tests.billing.quoting import Desk, link_in, render
from tests.world import World

from .conftest import PHONE, Visitor

EITHER = {"role": "alternative", "group": "Backup", "unit": "piece"}


@pytest.fixture
def quote(world: World, monkeypatch: pytest.MonkeyPatch) -> Quote:
    """Sent to Anna: a job, one of two backups, and a rack if they like."""
    now = timezone.now()
    monkeypatch.setattr("tests.billing.quoting.NOW", now)
    desk, one = Desk(furnish(world.north)), world.north.one
    made = desk.start(
        one,
        {"description": "Move the server", "detail": "On a Saturday, with a test on Sunday"},
        {**EITHER, "description": "Backup every night", "unit_price": Decimal(100)},
        {**EITHER, "description": "Backup every hour", "unit_price": Decimal(300), "preselected": False},
        {"role": "optional", "description": "Rack", "unit_price": Decimal(50), "preselected": False},
        {"description": "Watching over it", "unit_price": Decimal(25), "every": "month"},
        deposit_percent=Decimal(30),
        intro="Thank you for the talk on site. This is what we would do.",
        closing="Prices hold for what is written here.",
    )
    desk.send(made, one.anna, now=now)
    return made


def test_a_client_chooses_and_accepts_by_the_mailed_link(
    site: str, world: World, quote: Quote, visitor: Visitor
) -> None:
    render(timezone.now())
    with enter(world.north.scope()):
        link = link_in(OutgoingMail.objects.get())
    anna = visitor(size=PHONE)
    anna.goto(link)
    sums = anna.locator("#quote-agreed")
    expect(sums).to_contain_text("£600.00")
    anna.get_by_label("Backup every hour").check()
    expect(sums).to_contain_text("£840.00")
    anna.get_by_label("Rack").check()
    expect(sums).to_contain_text("£900.00")
    assert anna.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    with enter(world.north.scope()):
        assert QuoteRevision.objects.get().seen_at is not None
    anna.get_by_role("button", name="Accept the quote").click()
    expect(anna.locator("main")).to_contain_text("You accepted this quote")
    office = visitor(world.north.staff["office_manager"])
    office.goto(quote.get_absolute_url())
    expect(office.locator("main")).to_contain_text("By the mailed link")
    office.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert office.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    office.get_by_role("button", name="Draft the deposit").click()
    expect(office.locator("main")).to_contain_text("£225.00")
