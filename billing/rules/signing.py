"""What a client said yes to, as a hash: the same words and prices give the same one on any machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """A column's value as JSON keeps it. Numbers that are equal are written alike: 90 and 90.0000."""
    if isinstance(value, Decimal):
        whole = value.normalize()
        return format(whole, "f")
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(plain(each) for each in value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def terms_hash(agreement: Mapping[str, Any], terms: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of the agreement's own columns, a version's terms and its items, as canonical JSON (sorted keys, no spaces)."""
    said = {
        "agreement": {name: plain(value) for name, value in agreement.items()},
        "terms": {name: plain(value) for name, value in terms.items()},
        "items": [{name: plain(value) for name, value in item.items()} for item in items],
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
