"""Signing in with a passkey, in a real browser with a virtual authenticator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from msp.accounts.models import User
from tests.world import World

from .conftest import Visitor

PASSWORD = "a long enough sentence"


@pytest.fixture
def technician(world: World) -> User:
    user = User.objects.get(pk=world.north.staff["technician"].user_id)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


@pytest.fixture
def page(visitor: Visitor) -> Iterator[Page]:
    """A stranger's page on a machine that has a fingerprint reader."""
    opened = visitor()
    devtools = opened.context.new_cdp_session(opened)
    devtools.send("WebAuthn.enable")
    reader = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": reader | {"isUserVerified": True}})
    yield opened
    devtools.detach()


def sign_in(page: Page, user: User) -> None:
    page.goto("/account/login/")
    page.fill("#id_login", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("form[action='/account/login/'] button")
    page.wait_for_load_state("networkidle")


def open_secured(page: Page, url: str) -> None:
    """A page about one's own sign-in: it first asks for the password once more."""
    page.goto(url)
    expect(page.locator("h1")).to_have_text("Is it you?")
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.click("main button.btn-primary")


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.click("[data-signs-out] button")
    page.wait_for_url("**/account/login/**")


def test_a_passkey_is_added_and_signs_in_without_a_password(page: Page, technician: User) -> None:
    sign_in(page, technician)
    open_secured(page, "/account/2fa/webauthn/add/")
    page.fill("#id_name", "The laptop")
    page.check("#id_passwordless")
    with page.expect_navigation():
        page.click("[data-passkey-button]")
    page.goto("/account/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("The laptop")
    sign_out(page)
    with page.expect_navigation():
        page.click("[data-passkey-button]")
    page.goto("/search/")
    expect(page.locator("h1")).to_have_text("Search")


def test_a_refused_passkey_is_explained_and_another_way_stays_open(visitor: Visitor, technician: User) -> None:
    page = visitor()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    reader = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": reader | {"isUserVerified": False}})
    page.goto("/account/login/")
    page.click("[data-passkey-button]")
    expect(page.locator("[data-passkey-error]")).to_contain_text("sign in another way")
    expect(page.locator("#id_password")).to_be_visible()


def test_an_authenticator_app_is_set_up_and_asked_for(page: Page, technician: User) -> None:

    def code(secret: str) -> str:
        return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"

    sign_in(page, technician)
    open_secured(page, "/account/2fa/totp/activate/")
    secret = page.input_value("#secret")
    expect(page.locator(".qr svg")).to_be_visible()
    page.fill("#id_code", code(secret))
    page.click("form[action='/account/2fa/totp/activate/'] button")
    page.wait_for_url("**/recovery-codes/**")
    recovery = page.input_value("#codes").split()
    assert len(recovery) == 10
    sign_out(page)
    sign_in(page, technician)
    expect(page.locator("h1")).to_have_text("Second step")
    page.fill("#id_code", recovery[0])  # a code of the app was just used and works once
    page.click("form:not([data-passkey]) button.btn-primary")
    page.goto("/search/")
    expect(page.locator("h1")).to_have_text("Search")
