"""How the tests of billing read its pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from billing.models import Invoice


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages read the real clock, so the office works now."""
    monkeypatch.setattr("tests.billing.conftest.NOW", timezone.now())


def page(browser: Browser, path: str, **query: Any) -> str:
    answer = browser.get(path, query)
    assert answer.status_code == 200, path
    return answer.content.decode()


def post(browser: Browser, path: str, **data: Any) -> str:
    """Post and follow to the page that answers."""
    answer = browser.post(path, data, follow=True)
    assert answer.status_code == 200, path
    return answer.content.decode()


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def paths(invoice: Invoice) -> list[str]:
    root = f"/billing/invoices/{invoice.pk}/"
    return [root, f"{root}state/", f"{root}edit/", f"{root}lines/new/"]
