"""The page around the content: who sees which navigation, where the day begins, what search finds."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.utils.translation import gettext_lazy as _

from msp.accounts import registry
from msp.accounts.choices import Capability, PortalCapability, Role
from msp.accounts.registry import Command, Hit, NavItem, SearchProvider
from msp.tenancy.context import enter
from tests.world import World, signed_in


@pytest.fixture
def offers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small product: two pages for the office, one for everybody, one that no app has built, two of the portal."""
    pages = [
        NavItem(_("Search"), "web:search", "search", "", "know", 30, key="g s", phone=True),
        NavItem(_("Colour"), "web:brand", "palette", Capability.BILLING_VIEW, "billing", 20, query="?h=10"),
        NavItem(_("Clients"), "clients:list", "building", Capability.CLIENTS_VIEW, "work", 10, phone=True),
        NavItem(_("Backups"), "backups:board", "database", "", "watch", 5),
        NavItem(_("Home"), "web:portal-home", "home", "", "portal", 1),
        NavItem(_("Quotes"), "web:palette", "file", PortalCapability.QUOTES, "portal", 2),
    ]
    monkeypatch.setattr("msp.web.context.NAV", pages)
    monkeypatch.setattr(
        "msp.web.context.COMMANDS", [Command(_("New client"), "clients:create", Capability.CLIENTS_EDIT, key="c")]
    )
    monkeypatch.setattr("msp.web.context.TOPBAR", [])


def page(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_people_see_the_pages_they_may_open(world: World, offers: None) -> None:
    technician = page(world.north.browser("technician"), "/search/")
    office = page(world.north.browser("office_manager"), "/search/")
    assert "Go to Clients" in technician
    assert "Go to Colour" not in technician
    assert "Go to Colour" in office
    assert "Backups" not in technician + office  # nobody built it


def test_what_a_role_does_all_day_stands_on_top(world: World, offers: None) -> None:
    office = page(world.north.browser("office_manager"), "/search/")
    owner = page(world.north.browser("owner"), "/search/")
    assert office.index("Go to Colour") < office.index("Go to Clients")
    assert owner.index("Go to Clients") < owner.index("Go to Colour")


def test_the_page_we_are_on_is_marked_once(world: World, offers: None) -> None:
    side = page(world.north.browser("owner"), "/search/").split("</aside>")[0]
    assert side.count("aria-current") == 1
    assert 'href="/search/" aria-current="page"' in side


def test_billing_has_an_order_and_the_bookkeepers_pages_stand_behind_one_entry(world: World) -> None:
    billing = [item for item in registry.NAV if item.group == "billing"]
    assert len({item.order for item in billing}) == len(billing)
    names = [item.url_name.partition(":")[2] for item in sorted(billing, key=lambda item: item.order)]
    daily = ["unbilled", "review", "invoices", "prints", "queries", "payments", "overdue", "reminders"]
    assert names == [*daily, "agreements", "quotes", "loyalty", "ledger", "bank", "statements"]
    assert [item.url_name for item in billing if item.under] == ["billing:bank", "billing:statements"]
    manager = world.north.browser("office_manager")
    for path in ("/billing/ledger/", "/billing/payments/bank/", "/billing/statements/"):
        shown = page(manager, path)
        side, rest = shown.split("</aside>", 1)
        assert 'href="/billing/ledger/" aria-current="page"' in side
        assert (side.count("aria-current"), "/billing/statements/" in side) == (1, False)
        tabs = rest.split('<nav class="tabs"')[1].split("</nav>")[0]
        assert (tabs.count("<a "), f'href="{path}" aria-current="true"' in tabs) == (3, True)
        assert 'data-cmd="Go to Bank statements"' in shown
    assert "Pages of this part" not in page(manager, "/billing/payments/")


def test_who_may_not_open_the_entry_has_its_pages_in_the_sidebar(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shut, behind = Capability.SETTINGS_MANAGE, Capability.TICKETS_VIEW
    pages = [
        NavItem(_("Front"), "accounts:settings", "settings", shut, "work", 1, tab=_("First")),
        NavItem(_("Behind"), "clients:list", "building", behind, "work", 2, under="accounts:settings"),
    ]
    monkeypatch.setattr("msp.web.context.NAV", pages)
    assert ">Behind</span>" in page(world.north.browser("technician"), "/search/").split("</aside>")[0]
    owner = page(world.north.browser("owner"), "/clients/")
    assert (">Behind</span>" in owner.split("</aside>")[0], ">First</a>" in owner) == (False, True)


def test_the_command_behind_c_is_offered_to_those_who_may(world: World, offers: None) -> None:
    assert "New client" in page(world.north.browser("technician"), "/search/")
    assert "New client" not in page(world.north.browser("read_only"), "/search/")


def test_the_day_begins_where_the_role_lands(world: World, offers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.LANDINGS, Role.OWNER, ["backups:board", "clients:list"])
    monkeypatch.setitem(registry.LANDINGS, Role.TECHNICIAN, ["web:brand"])  # may not open it
    assert world.north.browser("owner").get("/").headers["Location"] == "/clients/"
    assert world.north.browser("technician").get("/").headers["Location"] == "/clients/"
    assert world.north.portal(world.north.one.anna).get("/").headers["Location"] == "/portal/"
    assert Browser().get("/").headers["Location"].startswith("/account/login/")


def test_one_may_choose_where_the_day_begins(world: World, offers: None) -> None:
    member = world.north.staff["technician"]
    member.landing = "web:search"
    with enter(world.north.scope()):
        member.save(update_fields=["landing"])
    assert signed_in(member).get("/").headers["Location"] == "/search/"


def test_search_asks_the_providers_one_may_ask(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(kind: str) -> SearchProvider:
        capability = Capability.BILLING_VIEW if kind == "Invoice" else Capability.TICKETS_VIEW
        return SearchProvider(capability, 1, lambda words, limit: [Hit(f"{kind} {words}", "why", "/x/", kind)] * 30)

    monkeypatch.setattr("msp.web.queries.SEARCH", [found("Ticket"), found("Invoice")])
    technician = world.north.browser("technician").get("/search/palette", {"q": " printer "}).json()["results"]
    assert {row["label"] for row in technician} == {"Ticket printer"}
    assert technician[0] == {"label": "Ticket printer", "hint": "Ticket · why", "url": "/x/"}
    owner = page(world.north.browser("owner"), "/search/?q=printer")
    assert "Ticket printer" in owner
    assert "Invoice printer" in owner
    assert world.north.browser("owner").get("/search/palette").json() == {"results": []}


def test_nobody_searches_without_signing_in(world: World) -> None:
    for url in ("/search/", "/search/palette?q=x"):
        assert Browser().get(url).status_code == 302
        assert world.north.portal(world.north.one.anna).get(url).status_code == 404


@pytest.mark.parametrize(
    ("hue", "status"), [("0", 200), ("359", 200), ("360", 404), ("-1", 404), ("²", 404), ("red;}", 404)]
)
def test_the_colour_is_a_number_and_is_kept_for_ever(hue: str, status: int) -> None:
    answer = Browser().get("/brand.css", {"h": hue})
    assert answer.status_code == status
    if status == 200:
        assert f"--brand-h: {hue};" in answer.content.decode()
        assert "immutable" in answer.headers["Cache-Control"]
