"""Setting up a webhook by keyboard: the test event arrives at a real receiver, signed; one that failed is sent once more."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.webhooks.conftest import Receiver, is_signed, receiver, send_due
from tests.world import World

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db(transaction=True)
PHONE = (390, 844)


def check(page: Page) -> None:
    """Nothing that axe finds, and nothing to scroll sideways for."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [(1440, 900), PHONE])
def test_a_webhook_is_set_up_tried_and_sent_again_by_keyboard(
    world: World, site: str, visitor: Visitor, receiver: Receiver, size: tuple[int, int]
) -> None:
    page = visitor(world.north.staff["owner"], size)
    page.goto(f"{site}/settings/webhooks/")
    check(page)
    page.get_by_role("link", name="New webhook").press("Enter")
    page.get_by_label("Name").fill("Chat of the team")
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("A ticket comes in").press("Space")
    check(page)
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", name="Chat of the team")).to_be_visible()
    page.get_by_role("button", name="Show the secret").press("Enter")
    secret = page.locator("#secret code").inner_text()
    check(page)
    receiver.statuses = [410]
    page.get_by_role("button", name="Send a test event").press("Enter")
    expect(page.get_by_text("Waiting")).to_be_visible()
    assert send_due() == 1
    expect(page.get_by_text("It answered 410.")).to_be_visible()  # without a reload
    check(page)
    assert is_signed(secret, receiver.got[0])
    page.get_by_role("link", name="Chat of the team").press("Enter")
    expect(page.get_by_text("It said that it wants no more (410).")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Let it go on").press("Enter")
    page.get_by_role("link", name="webhook.test").press("Enter")
    assert send_due() == 1
    page.reload()
    page.get_by_role("button", name="Send again").press("Enter")
    assert send_due() == 1
    expect(page.locator("#how").get_by_text("Delivered")).to_be_visible()
    ids = {got.headers["webhook-id"] for got in receiver.got}
    assert (len(receiver.got), len(ids)) == (3, 1)
