from __future__ import annotations

from uuid import UUID

import pytest

from msp.tenancy.tokens import Token

ROW = UUID("018f0000-0000-7000-8000-000000000001")


def test_a_token_survives_the_way_through_a_link() -> None:
    token = Token.new(42, ROW)
    again = Token.parse(str(token))
    assert again == token
    assert token.matches(token.hash)
    assert not Token.new(42, ROW).matches(token.hash)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "42",
        f"42.{ROW.hex}",
        f"42.{ROW.hex}.",
        f"x.{ROW.hex}.s",
        "42.zz.s",
        f"²4.{ROW.hex}.s",
        f"{'9' * 17}.{ROW.hex}.s",
    ],
)
def test_what_spells_no_token_is_none(text: str) -> None:
    assert Token.parse(text) is None
