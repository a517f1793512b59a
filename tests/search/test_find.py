from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from msp.search.actions import forget, index
from msp.search.models import Found, Token
from msp.search.queries import VARIANTS, find
from msp.tenancy.context import enter
from msp.tenancy.scope import ClosedToPortal
from tests.world import NOW, World


@pytest.fixture
def in_north(world: World) -> Iterator[World]:
    with enter(world.north.scope()):
        yield world


def _add(label: str, *, days: int = 0, **words: list[str]) -> UUID:
    subject = uuid4()
    index(
        kind="thing",
        subject_id=subject,
        client_id=None,
        label=label,
        url=f"/{label}/",
        at=NOW + timedelta(days=days),
        **words,  # type: ignore[arg-type]
    )
    return subject


def _found(phrase: str, limit: int = 5) -> list[str]:
    return [hit.label for hit in find(phrase, kind="thing", called="Thing", limit=limit)]


def test_every_word_must_be_there_and_the_last_may_be_short(in_north: World) -> None:
    _add("a", names=["Printer jams"], texts=["at Harbour Dental"])
    _add("b", names=["Printer offline"], texts=["at Orchard Lane"])
    assert _found("printer") == ["a", "b"] or _found("printer") == ["b", "a"]
    assert _found("printer harb") == ["a"]
    assert _found("orchard lane PRINT") == ["b"]
    assert _found("print harbour") == []  # only the last word may be cut short
    assert _found("  --  ") == []


def test_codes_before_names_before_texts_then_newest(in_north: World) -> None:
    _add("text", days=3, texts=["about 4182"])
    _add("code", codes=["#4182"])
    _add("name old", days=1, names=["Rack 4182"])
    _add("name new", days=2, names=["Rack 4182"])
    _add("longer", days=9, codes=["#41825"])
    assert _found("4182") == ["code", "name new", "name old", "text", "longer"]
    assert _found("4182", limit=2) == ["code", "name new"]


def test_indexing_again_replaces_what_is_no_longer_said(in_north: World) -> None:
    subject = _add("old", names=["Wifi slow"], texts=["upstairs"])
    index(
        kind="thing",
        subject_id=subject,
        client_id=None,
        label="new",
        url="/new/",
        at=NOW,
        names=["Upstairs radio"],
    )
    assert _found("wifi") == []
    assert _found("upstairs") == ["new"]
    assert sorted(Token.objects.values_list("token", "weight")) == [("radio", 2), ("upstairs", 2)]
    forget(kind="thing", subject_id=subject)
    assert not Found.objects.exists()
    assert not Token.objects.exists()


def test_a_question_costs_at_most_two_queries(in_north: World) -> None:
    for number in range(VARIANTS + 5):
        _add(f"n{number}", names=[f"server{number:03} rack room"])
    for phrase, queries in (("serv", 1), ("rack serv", 1), ("rack room server", 2)):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert len(_found(phrase)) == 5
        assert len(seen) == queries


def test_other_shops_and_contacts_find_nothing(world: World) -> None:
    with enter(world.north.scope()):
        _add("a", names=["Printer jams"])
    with enter(world.low.scope()):
        assert _found("printer") == []
    with enter(world.north.portal_scope(world.north.one.anna)), pytest.raises(ClosedToPortal):
        _found("printer")
