"""The chain of hashes over the activity log: pure functions, so that anybody can check it with a page of code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

FIRST_PREVIOUS = "0" * 64  # what the first seal of a shop stands on


def line_of(values: Mapping[str, Any]) -> str:
    """One entry as a line of JSON that is the same for the same values, whatever their order."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous: str, lines: Iterable[str]) -> str:
    """The hash of a seal: SHA-256 (hex) over the previous seal's hash and the entries' lines, a newline after each."""
    digest = hashlib.sha256(f"{previous}\n".encode())
    for line in lines:
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()
