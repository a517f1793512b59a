"""Chromium for the browser tests: the system's, driven by Playwright.

Without it those tests skip and say why; with CI=true they fail instead, so that CI can't be green by not looking.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing but the tests' own pages may be asked for, and /dev/shm is small in containers.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
]
MISSING = "Chromium is not installed (./mainstay test says how), so nothing was tried in a browser"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium, one for the session; make a context and pages of your own."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()
