"""Blanks in saved replies: pure text."""

from __future__ import annotations

import re
from collections.abc import Mapping

BLANKS = ("first_name", "number", "subject", "me")
_BLANK = re.compile(r"\{(\w+)\}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its known blanks filled in; what looks like a blank and is none stays as it was written."""
    return _BLANK.sub(lambda found: values.get(found[1], found[0]), text)


def unknown_blanks(text: str) -> list[str]:
    """What looks like a blank and would stay one, in order, each once."""
    return list(dict.fromkeys(name for name in _BLANK.findall(text) if name not in BLANKS))


def first_name(name: str) -> str:
    """How a person is greeted: "Dr Anita Patel" gives Anita."""
    words = [word for word in name.split() if word.rstrip(".").lower() not in {"dr", "mr", "mrs", "ms", "mx", "prof"}]
    return words[0] if words else name
