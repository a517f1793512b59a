"""Whatever comes from outside without a session says `<tenant>.<row>.<secret>`; the row keeps the secret's hash only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Self
from uuid import UUID

_SECRET_BYTES = 24


@dataclass(frozen=True)
class Token:
    """The shop, the row and the secret of a link. Its text goes into a mail or a URL, never into the database."""

    tenant_id: int
    row_id: UUID
    secret: str

    @classmethod
    def new(cls, tenant_id: int, row_id: UUID) -> Self:
        """A token with a fresh random secret."""
        return cls(tenant_id, row_id, secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The token that `text` spells, or None when it spells none. Says nothing about whether it is valid."""
        tenant, _, rest = text.partition(".")
        row, _, secret = rest.partition(".")
        if not (tenant.isascii() and tenant.isdigit() and len(tenant) <= 16 and secret):
            return None
        try:
            return cls(int(tenant), UUID(hex=row), secret)
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.tenant_id}.{self.row_id.hex}.{self.secret}"

    @property
    def hash(self) -> str:
        """What the row keeps: SHA-256 in hex. A random secret of 192 bits needs no slow hash."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def matches(self, kept_hash: str) -> bool:
        """Whether the row's hash is of this secret, in constant time."""
        return hmac.compare_digest(self.hash, kept_hash)
