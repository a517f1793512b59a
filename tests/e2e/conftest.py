"""A real browser against the real WSGI application: whitenoise, hashed file names and every header included.

    def test_something(site, world, visitor):
        page = visitor(world.north.staff["technician"])
        page.goto(site + "/tickets/")

Every visitor's page is watched: a test fails when a page breaks the content security policy or a script raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, expect

from msp.accounts.models import Membership
from msp.web.templatetags import ui
from tests.prepared import prepared
from tests.world import signed_in

WATCH = """window.__broken = [];
document.addEventListener("securitypolicyviolation", (e) => __broken.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));"""
PHONE, DESK = (390, 844), (1440, 900)
PATIENCE = 30_000  # ms; a slow machine is no failure
expect.set_options(timeout=PATIENCE)

Visitor = Callable[..., Page]


def hashed(root: Path) -> override_settings:
    """The product's own static files set-up, instead of the quick one of other tests."""
    return override_settings(
        STATIC_ROOT=root,
        WHITENOISE_AUTOREFRESH=False,
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "msp.web.storage.HashedStaticFiles"},
        },
    )


@pytest.fixture(scope="session")
def static_root() -> Path:
    return prepared() / "static"


@pytest.fixture(scope="session")
def server(static_root: Path) -> Iterator[str]:
    thread = LiveServerThread("localhost", static_handler=lambda application: application)
    thread.daemon = True
    with hashed(static_root):
        thread.start()
        thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://localhost:{thread.port}"
    thread.terminate()


@pytest.fixture
def site(server: str, static_root: Path, transactional_db: None) -> Iterator[str]:
    """The address of the running product, without a slash at the end."""
    with hashed(static_root):
        _forget_addresses()
        yield server
    _forget_addresses()


def _forget_addresses() -> None:
    ui._icon.cache_clear()
    ui._clock_icons.cache_clear()


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    """`visitor(membership)` opens a page signed in as that member; without one, a stranger's."""
    contexts = []
    pages: list[Page] = []
    raised: list[str] = []

    def open_page(member: Membership | None = None, size: tuple[int, int] = DESK, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            locale="en-GB",
            base_url=site,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        if member:
            session = signed_in(member).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page = context.new_page()
        page.on("pageerror", lambda error: raised.append(str(error)))
        contexts.append(context)
        pages.append(page)
        return page

    yield open_page
    broken = [
        line
        for page in pages
        if not page.is_closed() and page.url.startswith(site)
        for line in page.evaluate("__broken")
    ]
    for context in contexts:
        context.close()
    assert broken == []
    assert raised == []
