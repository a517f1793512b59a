from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clients.rules import RESERVED, free_slug
from clients.urls import staff_routes


@given(st.text(max_size=200), st.sets(st.sampled_from(["client", "client-2", "a", "a-2", "a-3"])))
def test_a_slug_is_always_free_short_and_usable(name: str, taken: set[str]) -> None:
    slug = free_slug(name, taken)
    assert slug not in taken | RESERVED
    assert 0 < len(slug) <= 80
    assert slug == slug.lower()
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


def test_no_client_stands_behind_a_page_of_ours() -> None:
    first = {str(route.pattern).partition("/")[0] for route in staff_routes}
    assert {word for word in first if word and "<" not in word} == RESERVED
    assert free_slug("New", set()) == "new-2"
