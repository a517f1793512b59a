"""How the tests of tickets ask for pages and fill in the composer."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client as Browser

from tests.world import World

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://localhost/tickets/1/"}


def undo_of(answer: HttpResponse) -> str:
    """The address behind the toast's Undo button."""
    toasts = json.loads(answer.headers["HX-Trigger"])["toast"]
    return str(next(toast["undo"] for toast in toasts if "undo" in toast))


def undo_on(browser: Browser) -> str:
    """The same, of a toast that waits for the ticket's page."""
    found = re.search(r'data-undo="([^"]+)"', browser.get("/tickets/1/").content.decode())
    assert found is not None
    return unescape(found[1])


def composed(world: World, **values: Any) -> dict[str, Any]:
    return {"mode": "reply", "to": str(world.north.one.anna.pk), "form_key": str(uuid4()), "body": "On it."} | values


def get(world: World, path: str, role: str = "technician") -> str:
    answer = world.north.browser(role).get(path)
    assert answer.status_code == 200
    return answer.content.decode()
