"""Keeping one's word by keyboard: from the bell to the promise, done, taken back, moved."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from clients.models import Promise
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.e2e.conftest import Visitor
from tests.e2e.stage import set_the_stage
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reminder_leads_to_the_promise_which_is_done_taken_back_and_moved(
    world: World, site: str, visitor: Visitor
) -> None:
    shop = world.north
    set_the_stage(shop)
    page = visitor(shop.staff["technician"])
    page.goto(f"{site}/today/")
    expect(page.locator("#bell")).to_contain_text("1 unread notification")
    page.locator("#bell").press("Enter")
    page.get_by_role("button", name="A promise was broken").press("Enter")
    expect(page.get_by_role("heading", name="Promises")).to_be_visible()
    expect(page.locator("#bell")).not_to_contain_text("unread")
    page.get_by_role("link", name="At risk").press("Enter")
    page.get_by_role("button", name="Done Ring about the scanner").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("heading", name="Ring about the scanner")).to_be_visible()
    expect(page.locator(".clock")).to_be_visible()
    page.get_by_label("New time").fill(f"{datetime.now() + timedelta(days=3):%Y-%m-%dT%H:%M}")  # noqa: DTZ005  as typed
    why = page.get_by_label("Why").first
    why.fill("The supplier sends the part on Thursday")
    why.press("Control+Enter")
    expect(page.get_by_text("is told.").first).to_be_visible()
    with enter(shop.scope()):
        assert Promise.objects.get(words__startswith="Ring").round == 1
        assert "on Thursday" in OutgoingMail.objects.get(subject__startswith="New time").text
