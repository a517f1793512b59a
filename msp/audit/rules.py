"""The chain of hashes over the activity log, and its sentences: pure functions, so that anybody can check it with a page of code."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

FIRST_PREVIOUS = "0" * 64  # what the first seal of a shop stands on


def without_names(sentence: object) -> str:
    """A sentence of the log as a kind of act: `%(actor)s opened ticket #%(number)s` is `… opened ticket #…`."""
    return re.sub(r"%\(\w+\)s", "…", str(sentence)).replace("%%", "%")


def line_of(values: Mapping[str, Any]) -> str:
    """One entry as a line of JSON that is the same for the same values, whatever their order."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous: str, lines: Iterable[str]) -> str:
    """The hash of a seal: SHA-256 (hex) over the previous seal's hash and the entries' lines, a newline after each."""
    digest = hashlib.sha256(f"{previous}\n".encode())
    for line in lines:
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()
