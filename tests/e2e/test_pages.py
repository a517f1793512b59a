"""Every page as every role, in a real browser: axe, small screens, the weight of a first visit, scripts that raise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, Response

from msp.accounts.models import Membership
from msp.tenancy.context import enter
from tests.world import World, signed_in

from .conftest import DESK, PHONE, Visitor
from .pages import PLAIN, reachable
from .stage import set_the_stage

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
ROLES = ("owner", "office_manager", "dispatcher", "technician", "read_only", "contact")
VIEWS = [(DESK, "light"), (PHONE, "dark"), (DESK, "dark"), (PHONE, "light")]
BUDGET = 100 * 1024  # bytes over the wire on a first visit
# An icon that the sprite lacks is drawn as nothing.
BLANK_ICONS = """[...document.querySelectorAll("svg.i")].filter((svg) => svg.getClientRects().length).map((svg) => svg.querySelector("use"))
  .filter((use) => !use.getBBox().width && !use.getBBox().height).map((use) => use.getAttribute("href").split("#")[1])"""
PARTS = 2
NARROW = 320  # CSS pixels: 400 % zoom of 1280 (WCAG 1.4.10)


@pytest.fixture
def busy(world: World) -> World:
    set_the_stage(world.north)
    return world


def member_for(world: World, role: str) -> Membership:
    if role == "contact":
        with enter(world.north.scope()):
            return Membership.objects.get(pk=world.north.one.anna.membership_id)
    return world.north.staff[role]


def pages_of(world: World, role: str, everything: bool = True) -> list[str]:
    """What a member reaches; without `everything`, of what the owner reaches too only the page their day begins on."""
    member = member_for(world, role)
    found = reachable(signed_in(member), "/")
    assert found, "a member reaches no page at all"
    if everything or role in {"owner", "contact"}:
        return sorted(found.values())
    known = reachable(signed_in(member_for(world, "owner")), "/")
    return ["/", *sorted(url for route, url in found.items() if route not in known)]


def visit(page: Page, url: str) -> None:
    """Open a page and wait until what it fetches by itself has arrived."""
    page.goto(url)
    if page.locator("[hx-trigger~=load]").count():
        page.wait_for_load_state("networkidle")


def look(page: Page, size: tuple[int, int], theme: Any) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )  # until it is drawn


def violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # What passed is megabytes, and takes longer to hand over than to find.
    found = page.evaluate("(rules) => axe.run(document, rules).then((result) => result.violations)", RULES)
    return [f"{v['id']}: {node['html'][:150]} {node['failureSummary'][:200]}" for v in found for node in v["nodes"][:3]]


def brought_along(page: Page) -> int:
    """Bytes over the wire of what every page brings along, on a first visit."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright cannot wrap a built-in method
    page.goto("/")
    page.wait_for_load_state("networkidle")
    sizes = [answer.request.sizes() for answer in answers if answer.request.resource_type not in {"document", "fetch"}]
    brought = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert brought > 50_000, "nothing was loaded: the figures mean nothing"
    return brought


def _deep(role: str) -> tuple[pytest.MarkDecorator, ...]:
    """The others reach few pages that the owner and the client do not, and all of the owner's were looked at."""
    return () if role in {"owner", "contact"} else (pytest.mark.deep,)


@pytest.mark.parametrize(
    ("role", "part"),
    [
        *(pytest.param(role, 0, marks=_deep(role)) for role in ROLES),
        *(("owner", part) for part in range(1, PARTS)),
    ],
)
def test_axe_finds_nothing_nothing_scrolls_sideways_and_a_first_visit_is_light(
    visitor: Visitor, busy: World, scale: Callable[[int, int], int], role: str, part: int
) -> None:
    """The owner reaches most pages: they are looked at in parts, which run side by side."""
    member, parts = member_for(busy, role), PARTS if role == "owner" else 1
    page, browser = visitor(member), signed_in(member)
    brought, troubles = brought_along(page), []
    for number, url in list(enumerate(pages_of(busy, role, everything=scale(0, 1) == 1)))[part::parts]:
        visit(page, url)
        packed = len(browser.get(url, headers={"accept-encoding": "gzip"}).content)
        if brought + packed > BUDGET:
            troubles.append(f"{url} weighs {brought + packed} on a first visit")
        # An audit takes a second: outside --deep pages take turns between the two views that differ most.
        for size, theme in VIEWS if scale(0, 1) else [VIEWS[number % 2]]:
            look(page, size, theme)
            troubles += [f"{url} {size[0]} {theme} {found}" for found in violations(page)]
        troubles += [f"{url} has no icon {name}" for name in page.evaluate(BLANK_ICONS)]
        page.set_viewport_size({"width": NARROW, "height": 800})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW:
            troubles.append(f"{url} is {width} wide at {NARROW}")
    assert troubles == []


def test_axe_finds_nothing_on_pages_for_strangers(visitor: Visitor, world: World) -> None:
    page = visitor()
    troubles = []
    for url in PLAIN:
        visit(page, url)
        for size, theme in VIEWS:
            look(page, size, theme)
            troubles += [f"{url} {size[0]} {theme} {found}" for found in violations(page)]
    assert troubles == []
