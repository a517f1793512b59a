"""Signing in with a real browser: passkeys by Chromium's virtual authenticator, and the way of a new owner."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from playwright.sync_api import Page, expect

from msp.accounts.models import Membership
from msp.accounts.rules import Letter
from tests.accounts.conftest import PASSWORD, letters, with_password
from tests.world import World

from .conftest import Visitor

__all__ = ["letters"]  # the fixture


def with_authenticator(page: Page) -> None:
    """Give the page a platform authenticator (a fingerprint reader) that always agrees."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def type_password(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def technician(world: World) -> Membership:
    return with_password(world.north.staff["technician"])


def test_a_passkey_is_added_and_signs_in_without_a_password(visitor: Visitor, technician: Membership) -> None:
    page = visitor()
    me = page.get_by_role("complementary").get_by_role("button", name=technician.name)
    with_authenticator(page)
    type_password(page, "technician@north.example")
    expect(me).to_be_visible()
    page.goto("/account/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/webauthn/add/")
    page.locator("[data-passkey-button]").click()
    page.wait_for_url("**/recovery-codes/**")
    assert Authenticator.objects.filter(user_id=technician.user_id, type="webauthn").count() == 1
    page.context.clear_cookies()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(me).to_be_visible()


def test_a_new_owner_comes_from_the_link_to_the_first_steps_and_brands_the_shop(
    visitor: Visitor, site: str, transactional_db: None, letters: list[Letter]
) -> None:
    out = StringIO()
    call_command("create_shop", name="Acre IT", slug="acre", owner_email="olga@acre.example", stdout=out)
    assert out.getvalue().split()[-1] in letters[0].text
    page = visitor()
    page.goto(out.getvalue().split()[-1].removeprefix("http://localhost:8000"))
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/start/")
    expect(page.get_by_text("0 of")).to_be_visible()
    page.get_by_role("link", name="Do it Show your brand").click()
    page.locator("[data-hue]").fill("25")
    shown = page.evaluate("document.documentElement.style.getPropertyValue('--brand-h')")
    assert shown == "25"  # at once, before anything is saved
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("link[href*='brand.css?h=25']")).to_have_count(1)
