"""What a person would send from the page they see, so that posts get past the form to what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.walls.walk import Call


def filled(call: Call) -> dict[str, Any] | None:
    return None
