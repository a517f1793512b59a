from __future__ import annotations

from django.http import QueryDict

from clients.models import Client
from msp.tenancy.context import enter
from msp.tenancy.keyset import Page, page_of
from tests.world import World


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
