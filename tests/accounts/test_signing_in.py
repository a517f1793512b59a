"""Signing in: every way in, its limits, and what it tells strangers."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from msp.accounts.models import Membership, User
from msp.accounts.registry import DEMO_LOGINS, DemoLogin
from msp.accounts.rules import Letter
from msp.tenancy.secretbox import SecretUnreadable, unseal
from tests.world import World

from .conftest import PASSWORD, code_in, with_password

LOGIN = "/account/login/"
CODE = "/account/login/code/"
TOTP = "/account/2fa/totp/activate/"
STILL = 1_795_000_000


def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> Any:
    return browser.post(LOGIN, {"login": email, "password": password})


def signed_in_as(browser: Browser) -> str | None:
    key = browser.session.get("_auth_user_id")
    return User.objects.get(pk=key).email if key else None


def test_a_password_signs_in_whatever_the_case_of_the_address(owner: Membership, anonymous: Browser) -> None:
    answer = sign_in(anonymous, "Owner@North.example")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in_as(anonymous) == "owner@north.example"


def test_wrong_passwords_and_unknown_addresses_are_answered_alike(owner: Membership) -> None:
    pages = []
    for email in ("owner@north.example", "nobody@north.example"):
        answer = sign_in(Browser(SERVER_NAME="localhost"), email, "wrong")
        pages.append((answer.status_code, answer.context["form"].errors.as_json()))
    assert pages[0] == pages[1]
    assert pages[0][0] == 200


def test_five_wrong_passwords_close_the_address_and_the_count_is_in_postgres(owner: Membership) -> None:
    errors = []
    for _attempt in range(6):
        form = sign_in(Browser(SERVER_NAME="localhost"), "owner@north.example", "wrong").context["form"]
        errors.append(form.non_field_errors().as_data()[0].code)
    assert errors == ["email_password_mismatch"] * 5 + ["too_many_login_attempts"]
    last = Browser(SERVER_NAME="localhost")
    assert sign_in(last, "owner@north.example").status_code == 200
    assert signed_in_as(last) is None
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from cache_entry where cache_key like '%%login_failed%%'")
        assert cursor.fetchone()[0] >= 1


def test_the_count_stays_however_much_else_the_cache_holds(owner: Membership) -> None:
    for _attempt in range(5):
        sign_in(Browser(SERVER_NAME="localhost"), "owner@north.example", "wrong")
    for number in range(400):
        cache.set(f"~{number}", 1)  # sorts behind every count, which a full cache would throw away first
    form = sign_in(Browser(SERVER_NAME="localhost"), "owner@north.example", "wrong").context["form"]
    assert form.non_field_errors().as_data()[0].code == "too_many_login_attempts"


def test_an_emailed_code_signs_in_once(owner: Membership, anonymous: Browser, letters: list[Letter]) -> None:
    anonymous.post(CODE, {"email": "owner@north.example"})
    (letter,) = letters
    assert (letter.to, letter.tenant_id) == ("owner@north.example", None)  # no shop's server may carry it
    assert letter.good_until is not None
    assert timedelta(minutes=9) < letter.good_until - timezone.now() < timedelta(minutes=10)
    assert "Northgate" in letter.text
    answer = anonymous.post("/account/login/code/confirm/", {"code": code_in(letter)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in_as(anonymous) == "owner@north.example"
    other = Browser(SERVER_NAME="localhost")
    other.post("/account/login/code/confirm/", {"code": code_in(letter)})
    assert signed_in_as(other) is None


def test_three_wrong_codes_end_the_attempt(owner: Membership, anonymous: Browser, letters: list[Letter]) -> None:
    anonymous.post(CODE, {"email": "owner@north.example"})
    for _attempt in range(3):
        anonymous.post("/account/login/code/confirm/", {"code": "AAAA-AAAA"})
    anonymous.post("/account/login/code/confirm/", {"code": code_in(letters[0])})
    assert signed_in_as(anonymous) is None


def test_asking_for_a_code_does_not_tell_who_has_an_account(owner: Membership, letters: list[Letter]) -> None:
    answers = []
    for email in ("owner@north.example", "nobody@north.example"):
        answer = Browser(SERVER_NAME="localhost").post(CODE, {"email": email})
        answers.append((answer.status_code, answer["Location"]))
    assert answers[0] == answers[1]
    assert [letter.to for letter in letters] == ["owner@north.example"]


def test_a_forgotten_password_is_reset_by_code(owner: Membership, anonymous: Browser, letters: list[Letter]) -> None:
    anonymous.post("/account/password/reset/", {"email": "owner@north.example"})
    anonymous.post("/account/password/reset/confirm/", {"code": code_in(letters[0])})
    new = "another long secret 8"
    anonymous.post("/account/password/reset/complete/", {"password1": new, "password2": new})
    assert User.objects.get(email="owner@north.example").check_password(new)
    assert [letter.to for letter in letters] == ["owner@north.example"] * 2  # the second one says that it was changed
    assert [letter.good_until is None for letter in letters] == [False, True]


def test_nobody_signs_up(anonymous: Browser, db: None) -> None:
    form = {"email": "stranger@else.example", "password1": PASSWORD, "password2": PASSWORD}
    anonymous.post("/account/signup/", form)
    assert not User.objects.filter(email="stranger@else.example").exists()


def test_an_address_changes_once_its_code_is_typed(
    owner: Membership, anonymous: Browser, letters: list[Letter]
) -> None:
    sign_in(anonymous, "owner@north.example")
    confirm_password(anonymous)
    anonymous.post("/account/email/", {"action_add": "", "email": "new@north.example"})
    assert User.objects.get(pk=owner.user_id).email == "owner@north.example"
    code = code_in(next(letter for letter in letters if letter.to == "new@north.example"))
    anonymous.post("/account/confirm-email/", {"code": code})
    assert User.objects.get(pk=owner.user_id).email == "new@north.example"


def confirm_password(browser: Browser) -> None:
    browser.post("/account/reauthenticate/", {"password": PASSWORD})


def add_totp(browser: Browser) -> str:
    """Set up an authenticator app in a signed-in browser; the secret."""
    confirm_password(browser)
    secret: str = browser.get(TOTP).context["form"].secret
    answer = browser.post(TOTP, {"code": totp(secret)})
    assert answer.status_code == 302, answer.context["form"].errors
    return secret


def totp(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, STILL // 30))


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code typed as its half-minute ends would be a new one."""
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: STILL))


def test_a_second_factor_is_asked_for_and_its_code_is_good_once(owner: Membership) -> None:
    first = Browser(SERVER_NAME="localhost")
    sign_in(first, "owner@north.example")
    secret = add_totp(first)
    second = Browser(SERVER_NAME="localhost")
    assert sign_in(second, "owner@north.example")["Location"] == "/account/2fa/authenticate/"
    assert signed_in_as(second) is None
    used = totp(secret)
    second.post("/account/2fa/authenticate/", {"code": used})
    assert signed_in_as(second) == "owner@north.example"
    third = Browser(SERVER_NAME="localhost")
    sign_in(third, "owner@north.example")
    third.post("/account/2fa/authenticate/", {"code": used})
    assert signed_in_as(third) is None


def test_an_emailed_code_does_not_go_round_the_second_factor(owner: Membership, letters: list[Letter]) -> None:
    first = Browser(SERVER_NAME="localhost")
    sign_in(first, "owner@north.example")
    add_totp(first)
    letters.clear()
    second = Browser(SERVER_NAME="localhost")
    second.post(CODE, {"email": "owner@north.example"})
    answer = second.post("/account/login/code/confirm/", {"code": code_in(letters[0])})
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert signed_in_as(second) is None


def test_second_factors_rest_encrypted_for_their_person_alone(owner: Membership, world: World) -> None:
    browser = Browser(SERVER_NAME="localhost")
    sign_in(browser, "owner@north.example")
    secret = add_totp(browser)
    kept = Authenticator.objects.get(user_id=owner.user_id, type="totp").data["secret"]
    assert secret not in kept
    assert unseal(kept, place=("mfa.Authenticator", str(owner.user_id))) == secret
    technician = with_password(world.north.staff["technician"])
    Authenticator.objects.create(user_id=technician.user_id, type="totp", data={"secret": kept})
    thief = Browser(SERVER_NAME="localhost")
    sign_in(thief, "technician@north.example")
    with pytest.raises(SecretUnreadable):
        thief.post("/account/2fa/authenticate/", {"code": totp(secret)})


def test_a_recovery_code_signs_in_once(owner: Membership) -> None:
    first = Browser(SERVER_NAME="localhost")
    sign_in(first, "owner@north.example")
    add_totp(first)
    codes = first.get("/account/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    outcomes = []
    for _attempt in range(2):
        browser = Browser(SERVER_NAME="localhost")
        sign_in(browser, "owner@north.example")
        browser.post("/account/2fa/authenticate/", {"code": codes[0]})
        outcomes.append(signed_in_as(browser))
    assert outcomes == ["owner@north.example", None]


def test_passkeys_are_made_for_the_base_domain_whatever_the_host(owner: Membership, anonymous: Browser) -> None:
    sign_in(anonymous, "owner@north.example")
    confirm_password(anonymous)
    page = anonymous.get("/account/2fa/webauthn/add/")
    assert page.context["js_data"]["creation_options"]["publicKey"]["rp"] == {"id": "localhost", "name": "Mainstay"}


@pytest.mark.parametrize(
    ("demo", "private", "came", "shown"),
    [
        (True, True, {}, 1),
        (True, True, {"HTTP_HOST": "127.0.0.1:8000"}, 1),
        (True, False, {}, 0),
        (False, True, {}, 0),
        (True, True, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 0),
        (True, True, {"HTTP_HOST": "desk.north.example"}, 0),
    ],
)
def test_demo_sign_ins_are_offered_to_this_machine_only(
    *, owner: Membership, settings: Any, demo: bool, private: bool, came: dict[str, str], shown: int
) -> None:
    settings.DEMO, settings.PRIVATE = demo, private
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "desk.north.example"]
    DEMO_LOGINS.append(lambda: [DemoLogin("Owner", "owner@north.example", PASSWORD)])
    try:
        page = Browser(SERVER_NAME="localhost").get(LOGIN, **came).content.decode()
    finally:
        DEMO_LOGINS.pop()
    assert page.count(f'<input type="hidden" name="password" value="{PASSWORD}">') == shown


def test_mail_about_signing_in_is_short_and_names_the_shop(
    owner: Membership, anonymous: Browser, letters: list[Letter]
) -> None:
    anonymous.post(CODE, {"email": "owner@north.example"})
    assert letters[0].subject == "Sign-In Code"
    assert letters[0].text.startswith("Hello,\n\nYour sign-in code is listed below.")
    assert letters[0].text.endswith("\n\nNorthgate")
