"""What every answer carries, and what htmx hears."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as Browser

from tests.world import World

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/clients/?q=a"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def gallery(world: World, settings: Any) -> Browser:
    settings.ROOT_URLCONF = "tests.web.gallery"
    browser = world.north.browser("technician")
    browser.raise_request_exception = False
    return browser


@pytest.mark.parametrize("url", ["/account/login/", "/nothing/", "/brand.css"])
def test_every_answer_carries_the_policy(db: None, url: str) -> None:
    headers = Browser().get(url).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_sign_in_pages_may_lead_to_the_configured_providers(db: None, settings: Any) -> None:
    settings.SIGN_IN_ORIGINS = ["https://accounts.example"]
    assert (
        "form-action 'self' https://accounts.example;"
        in Browser().get("/account/login/").headers["Content-Security-Policy"]
    )
    assert "form-action 'self';" in Browser().get("/nothing/").headers["Content-Security-Policy"]


def test_messages_become_toasts_once(gallery: Browser) -> None:
    answer = gallery.post("/gallery/time/", {"minutes": "15"}, headers=HTMX)
    assert json.loads(answer.headers["HX-Trigger"]) == {
        "toast": [{"text": "15 min logged.", "error": False, "undo": "/gallery/undo/"}]
    }
    assert "HX-Trigger" not in gallery.get("/gallery/hello/", headers=HTMX).headers


def test_without_htmx_the_message_waits_for_the_next_page(gallery: Browser) -> None:
    answer = gallery.post("/gallery/time/", {"minutes": "15"})
    assert "HX-Trigger" not in answer.headers
    page = gallery.get("/gallery/").content.decode()
    assert '<div class="toast" data-undo="/gallery/undo/"><span>15 min logged.</span></div>' in page


def test_a_redirect_becomes_a_change_of_page(gallery: Browser) -> None:
    answer = gallery.post("/gallery/leave/", headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/gallery/?fine"
    assert "Location" not in answer.headers
    assert "Moved along." in gallery.get("/gallery/").content.decode()


def test_signing_in_again_comes_back_to_the_page_not_the_fragment(gallery: Browser) -> None:
    gallery.logout()
    answer = gallery.get("/gallery/poll/", headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/account/login/?next=/clients/%3Fq%3Da"


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("/gallery/missing/", 404, "There is nothing here"),
        ("/gallery/boom/", 500, "Something broke on our side"),
        ("/gallery/undo/", 405, "This address does not work that way"),
    ],
)
def test_errors_are_pages_for_people_and_toasts_for_htmx(gallery: Browser, url: str, status: int, words: str) -> None:
    plain, fragment = gallery.get(url), gallery.get(url, headers=HTMX)
    assert plain.status_code == fragment.status_code == status
    assert f"<h1>{words}</h1>" in plain.content.decode()
    assert fragment.content == b""
    assert fragment.headers["HX-Reswap"] == "none"
    assert words in json.loads(fragment.headers["HX-Trigger"])["toast"]["text"]


def test_what_may_be_done_stays_said_on_a_405(gallery: Browser) -> None:
    assert gallery.get("/gallery/undo/").headers["Allow"] == "POST"


def test_a_dead_database_is_a_503_that_asks_for_patience(gallery: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*args: object) -> None:
        raise OperationalError("no server")

    monkeypatch.setattr("msp.web.views.find", dead)
    answer = gallery.get("/search/?q=x")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"


def test_a_stale_form_is_explained(world: World) -> None:
    browser = Browser(enforce_csrf_checks=True)
    answer = browser.post("/account/login/", {"login": "a@b.example", "password": "x"})
    assert answer.status_code == 403
    assert "This page is out of date" in answer.content.decode()
