"""A token made by keyboard and shown once, and the documentation searched."""

from __future__ import annotations

import os

from playwright.sync_api import Page, expect

from tests.world import World

from .conftest import DESK, Visitor
from .test_pages import NARROW, VIEWS, look, violations


def test_a_token_is_shown_once_and_the_documentation_is_searched(visitor: Visitor, world: World) -> None:
    page, troubles = visitor(world.north.staff["owner"]), []
    for url in ("/profile/tokens/", "/settings/api/"):
        page.goto(url)
        page.focus("#id_name")
        page.keyboard.type("Reports")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        text = page.locator("#secret").inner_text()
        assert len(text.split(".")) == 3
        troubles += [*_seen(page, url)]
        page.goto(url)
        expect(page.locator("main")).to_contain_text("Reports")
        assert text not in page.content()
    page.goto("/api/docs/")
    troubles += _seen(page, "the documentation")
    page.fill("#q", "idempotency")
    page.keyboard.press("Enter")
    expect(page.locator("details")).not_to_have_count(0)
    expect(page.locator("details", has_text="List clients")).to_have_count(0)
    troubles += _seen(page, "its search")
    assert troubles == []


def _seen(page: Page, what: str) -> list[str]:
    found: list[str] = []
    for size, theme in VIEWS:
        look(page, size, theme)
        found += [f"{what} {size[0]} {theme} {each}" for each in violations(page)]
    page.set_viewport_size({"width": NARROW, "height": 800})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW:
        found.append(f"{what} is {width} wide at {NARROW}")
    if folder := os.environ.get("SHOTS"):
        for size in (DESK, (390, 844)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.screenshot(path=f"{folder}/api-{what.strip('/').replace('/', '-').replace(' ', '-')}-{size[0]}.png")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    return found
