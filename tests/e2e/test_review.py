"""Invoice review stands open all day: it follows the drafts until a person begins to pick."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.billing.conftest import furnish
from tests.world import World

from .conftest import Visitor

POLL = "() => document.getElementById('review').dispatchEvent(new Event('every'))"


def test_the_page_follows_the_drafts_until_somebody_picks(
    visitor: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.billing.conftest.NOW", timezone.now())  # the page reads the real clock
    north, office = world.north, furnish(world.north)
    office.solved(north.one, 60)
    office.draft(north.one)
    page = visitor(north.staff["office_manager"])
    page.goto("/billing/review/")
    rows = page.locator("#review [name=pick]")
    expect(rows).to_have_count(1)
    expect(rows.first).to_be_checked()  # by the page, not by a person
    office.solved(north.two, 60)
    office.draft(north.two)
    page.evaluate(POLL)
    expect(rows).to_have_count(2)
    rows.first.uncheck()
    office.solved(north.two, 30)
    office.draft(north.two)
    with page.expect_request("**/billing/review/**") as asked:
        page.evaluate(POLL)  # waits: nothing may move under the hand
        rows.last.uncheck()
        page.evaluate(POLL)
    assert asked.value
    expect(rows).to_have_count(3)
