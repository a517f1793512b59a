"""The signed name of a conversation, carried by the addresses and ids of our mail.

A name is a letter and a number ("t4182": ticket 4182). Signed for a shop it becomes "t4182-kq3…", 80 bits of HMAC-SHA256 in base32:
lower case only, because mail servers fold addresses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MAC_BYTES = 10
_TOKEN = re.compile(r"(?<![a-z0-9])([a-z]\d{1,10})-([a-z2-7]{16})(?![a-z0-9])")
_LOCAL_PART = 64  # characters that RFC 5321 allows before the @


@dataclass(frozen=True)
class Claim:
    """A message carries a name of ours, rightly signed. `by_address`: it was sent to the address that we gave for answers.

    Otherwise the name stands in In-Reply-To or References, which every mail program copies on and shows to all readers.
    """

    name: str
    by_address: bool


def token_for(name: str, tenant_id: int, key: bytes) -> str:
    """The signed form of a name within a shop."""
    mac = hmac.new(key, f"mail thread|{tenant_id}|{name}".encode(), hashlib.sha256).digest()[:_MAC_BYTES]
    return f"{name}-{base64.b32encode(mac).decode().lower()}"


def answers_to(address: str, token: str) -> str:
    """The address with the token as its addition (RFC 5233), or unchanged where it would not fit."""
    local, _, domain = address.partition("@")
    return f"{local}+{token}@{domain}" if len(local) + 1 + len(token) <= _LOCAL_PART else address


def without_addition(address: str) -> str:
    """The address in lower case, without what stands behind a plus."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def claims_in(addresses: Iterable[str], ids: Iterable[str], tenant_id: int, keys: Sequence[bytes]) -> list[Claim]:
    """The names that are rightly signed for this shop, those of addresses first, each once."""
    found: dict[str, Claim] = {}
    places = [(each, True) for each in addresses if "+" in each] + [(each, False) for each in ids]
    for place, by_address in places:
        for match in _TOKEN.finditer(place.lower()[:1000]):
            genuine = any(hmac.compare_digest(token_for(match[1], tenant_id, key), match[0]) for key in keys)
            if genuine:
                found.setdefault(match[1], Claim(match[1], by_address))
    return list(found.values())
