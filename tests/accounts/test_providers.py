"""Google and Microsoft: present only when configured, and only for people whom a shop has invited."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.middleware import AccountMiddleware
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.google.provider import GoogleProvider
from allauth.socialaccount.providers.microsoft.provider import MicrosoftGraphProvider
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory

from msp.accounts.models import Membership, User

APP = {"client_id": "id", "secret": "invented"}


@pytest.fixture(autouse=True)
def providers(settings: Any) -> Iterator[None]:
    """Both providers, as msp.settings configures them from the environment."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        "google": {"APPS": [APP]},
        "microsoft": {"APPS": [APP], "TENANT": "acre", "VERIFIED_EMAIL": ["north.example"]},
    }
    known = dict(registry.provider_map)
    for provider in (GoogleProvider, MicrosoftGraphProvider):
        registry.register(provider)
    yield
    registry.provider_map = known


def come_back(provider: str, answer: dict[str, Any]) -> tuple[str | None, str]:
    """The person comes back from the provider, which says `answer`: whose session it is then, and the page."""
    request = RequestFactory(SERVER_NAME="localhost").get("/account/google/login/callback/")
    request.session, request.user = SessionStore(), AnonymousUser()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]

    def arrive(request: HttpRequest) -> HttpResponse:
        login = get_adapter().get_provider(request, provider).sociallogin_from_response(request, answer)
        return complete_login(request, login)

    answered = AccountMiddleware(arrive)(request)
    signed_in = User.objects.filter(pk=request.session.get("_auth_user_id")).first()
    return signed_in and signed_in.email, answered.content.decode()


def google(email: str, verified: bool = True) -> dict[str, Any]:
    return {"sub": "g-1", "email": email, "email_verified": verified}


def test_google_signs_in_the_invited_owner_of_a_verified_address(owner: Membership) -> None:
    assert come_back("google", google("owner@north.example"))[0] == "owner@north.example"
    assert SocialAccount.objects.get().user_id == owner.user_id
    # Connected now: the account stays theirs whatever address Google names later.
    assert come_back("google", google("renamed@else.example"))[0] == "owner@north.example"


@pytest.mark.parametrize(("email", "verified"), [("owner@north.example", False), ("stranger@else.example", True)])
def test_nobody_else_is_let_in_or_given_an_account(owner: Membership, email: str, verified: bool) -> None:
    people = User.objects.count()
    signed_in, page = come_back("google", google(email, verified))
    assert (signed_in, User.objects.count(), SocialAccount.objects.count()) == (None, people, 0)
    assert "invite" in page


def test_a_microsoft_directory_vouches_for_its_own_domains_only(owner: Membership, settings: Any) -> None:
    answer = {"id": "m-1", "mail": "owner@north.example"}
    settings.SOCIALACCOUNT_PROVIDERS["microsoft"]["VERIFIED_EMAIL"] = ["else.example"]
    assert come_back("microsoft", answer)[0] is None
    settings.SOCIALACCOUNT_PROVIDERS["microsoft"]["VERIFIED_EMAIL"] = ["north.example"]
    assert come_back("microsoft", answer)[0] == "owner@north.example"


def configured(**env: str) -> str:
    """What msp.settings makes of an environment."""
    code = (
        "from django.conf import settings as s; print([a for a in s.INSTALLED_APPS if 'providers' in a],"
        " s.SIGN_IN_ORIGINS, s.SOCIALACCOUNT_PROVIDERS.get('microsoft', {}).get('VERIFIED_EMAIL'))"
    )
    told = os.environ | env | {"DJANGO_SETTINGS_MODULE": "msp.settings"}
    return subprocess.run([sys.executable, "-c", code], env=told, check=True, capture_output=True, text=True).stdout


def test_the_environment_decides_which_providers_there_are() -> None:
    assert configured() == "[] [] None\n"
    both = configured(
        GOOGLE_CLIENT_ID="a",
        GOOGLE_CLIENT_SECRET="b",
        MICROSOFT_CLIENT_ID="c",
        MICROSOFT_CLIENT_SECRET="d",
        MICROSOFT_TENANT="acre",
        MICROSOFT_EMAIL_DOMAINS="north.example",
    )
    assert both == (
        "['allauth.socialaccount.providers.google', 'allauth.socialaccount.providers.microsoft']"
        " ['https://accounts.google.com', 'https://login.microsoftonline.com'] ['north.example']\n"
    )


def test_without_providers_the_sign_in_page_names_none(db: None, settings: Any, anonymous: Browser) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {}
    registry.provider_map = {}
    assert "Google" not in anonymous.get("/account/login/").content.decode()
