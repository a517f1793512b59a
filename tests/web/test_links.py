"""Nobody is shown a way that is shut to them, and no two ways have one key."""

from __future__ import annotations

import re
from html import unescape

import pytest

from billing.actions import draft_invoice
from msp.accounts.models import ShopSettings
from msp.accounts.registry import COMMANDS, NAV, Command, offer
from msp.tenancy.context import enter
from tests.billing.conftest import furnish
from tests.tickets.making import make_ticket
from tests.world import NOW, STAFF_ROLES, World

PAGES = [
    "/tickets/?view=team",
    "/tickets/?view=team&client=orchard-north",
    "/tickets/1/",
    "/clients/harbour-north/",
    "/tickets/of/harbour-north/",
    "/billing/clients/harbour-north/panel/",
    "/billing/review/",
]


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_no_link_of_a_page_is_shut(world: World, role: str) -> None:
    north = world.north
    make_ticket(north)
    office = furnish(north)
    office.solved(north.one, 60)
    with enter(north.scope()):
        ShopSettings.objects.update(address="")  # a check that leads to the settings
        draft_invoice(client=north.one.client, actor=office.actor, now=NOW)
    browser = north.browser(role)
    shown = {path: browser.get(path) for path in PAGES}
    links: set[str] = set()
    for answer in shown.values():
        if answer.status_code == 200:
            links.update(unescape(link) for link in re.findall(r'<a [^>]*href="([^"]*)"', answer.content.decode()))
    assert "" not in links
    inside = {link.partition("#")[0] for link in links if link.startswith("/")}
    assert {link: code for link in inside if (code := browser.get(link).status_code) not in (200, 302)} == {}
    page = shown["/tickets/?view=team"].content.decode()
    assert ("#composer" in page) == (role in ("owner", "dispatcher", "technician"))


def test_an_empty_list_offers_a_new_ticket_to_who_may_open_one(world: World) -> None:
    for role, offered in (("read_only", False), ("technician", True)):
        page = world.north.browser(role).get("/tickets/?view=team").content.decode()
        empty = page[page.index("No ticket is open") :]
        assert ("New ticket" in empty[: empty.index("</div>")]) == offered


def test_a_key_leads_to_one_page() -> None:
    before = [*NAV], [*COMMANDS]
    with pytest.raises(ValueError, match="'g q' of tickets:list"):
        offer(Command("Quick", "tickets:today", "tickets.work", key="g q"))
    assert ([*NAV], [*COMMANDS]) == before
