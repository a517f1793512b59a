from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from django.http import QueryDict

from clients.models import Client
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from msp.tenancy.keyset import Page, page_of
from tests.world import NOW, World


def params(link: str) -> dict[str, str]:
    return QueryDict(link.lstrip("?")).dict()


def pages(world: World, size: int) -> tuple[list[str], list[str]]:
    """Names seen walking forward to the end, and walking back again."""

    def get(link: str) -> Page[Client]:
        return page_of(Client.objects.all(), order=("-name", "id"), params=params(link), size=size)

    page = get("?q=x")
    forward = [row.name for row in page]
    while page.next:
        assert "q=x" in page.next
        page = get(page.next)
        forward += [row.name for row in page]
    back = [row.name for row in page]
    while page.previous:
        page = get(page.previous)
        back = [row.name for row in page] + back
    assert page.previous == ""
    return forward, back


def test_pages_show_every_row_once_in_order_both_ways(world: World) -> None:
    with enter(world.north.scope()):
        for name in ("Same", "Same", "Same", "Ärger", "O'Neil"):
            slug = f"c{Client.objects.count()}"
            Client.objects.create(name=name, slug=slug, country="GB", zone="UTC", currency="GBP", language="en")
        expected = list(Client.objects.order_by("-name", "id").values_list("name", flat=True))
        for size in (1, 2, 3, 7, 50):
            assert pages(world, size) == (expected, expected)


def test_a_broken_cursor_shows_the_first_page(world: World) -> None:
    with enter(world.north.scope()):
        first = [row.pk for row in page_of(Client.objects.all(), order=("name", "id"), params={}, size=1)]
        for cursor in ("x", "bnVsbA", "WyJhIiwgIm5vdCBhIHV1aWQiXQ", "WzEsMiwzXQ", "é"):
            page = page_of(Client.objects.all(), order=("name", "id"), params={"after": cursor}, size=1)
            assert [row.pk for row in page] == first
            assert page.previous == ""


ODD = [
    *("[Infinity]", "[-Infinity]", "[NaN]", "[1e999]", "[null]", "[true]", "[[1]]", '[{"a": 1}]', '"a"', "{}"),
    *('["\\u0000"]', '["\\ud800"]', "[" * 5000, f"[{'9' * 30}]", f"[{'9' * 5000}]"),
    *('["9999-12-31T23:59:59-23:59"]', '["0001-01-01T00:00:00+14:00"]', '["2026-02-30"]', "[-1]", "[0.5]", '[""]'),
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("column", ["name", "id", "created_at", "since"])
def test_an_odd_cursor_has_a_page(world: World, text: str, column: str) -> None:
    cursor = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    with enter(world.north.scope()):
        Client.objects.update(since=NOW.date())
        assert len(page_of(Client.objects.all(), order=(column,), params={"after": cursor})) <= 3


@pytest.mark.parametrize("text", ODD)
def test_an_odd_cursor_of_numbers_has_a_page(world: World, text: str) -> None:
    cursor = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    with enter(world.north.scope()):
        assert len(page_of(OutgoingMail.objects.all(), order=("repeats",), params={"before": cursor})) == 0
