"""What scopes come to, who calls, and how a refusal is worded: pure values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django_stubs_ext import StrOrPromise

from msp.accounts.choices import Capability

from .choices import ApiScope, Area

_S, _C = ApiScope, Capability
NEEDS: dict[ApiScope, Capability] = {
    _S.CLIENTS_READ: _C.CLIENTS_VIEW,
    _S.CLIENTS_WRITE: _C.CLIENTS_EDIT,
    _S.TICKETS_READ: _C.TICKETS_VIEW,
    _S.TICKETS_WRITE: _C.TICKETS_WORK,
    _S.TIME_READ: _C.TICKETS_VIEW,
    _S.TIME_WRITE: _C.TICKETS_WORK,
    _S.PROMISES_READ: _C.TICKETS_VIEW,
    _S.INVOICES_READ: _C.BILLING_VIEW,
}
READING = frozenset({"GET", "HEAD"})
API_KEY_FORM = re.compile(r"[A-Za-z0-9_.:-]{8,100}")  # of an Idempotency-Key
IF_MATCH_FORM = re.compile(r'(W/)?"[0-9a-f]{1,40}(-gzip)?"')  # proxies that pack an answer mark its ETag
REPLAYED_FOR = timedelta(days=2)  # after that a key is forgotten
MOST_BODY = 2 * 1024 * 1024  # bytes of a request


def scope_for(area: Area, method: str) -> ApiScope:
    """The scope that a request needs. Raises ValueError where the API only reads."""
    return ApiScope(f"{area.value}:{'read' if method in READING else 'write'}")


def widened(scopes: Iterable[str]) -> frozenset[ApiScope]:
    """What scopes come to: who may write in an area may read it. Unknown ones give nothing."""
    known = {scope for scope in ApiScope if scope in set(scopes)}
    reading = {ApiScope(scope.replace(":write", ":read")) for scope in known}
    return frozenset(known | reading)


def mark_of_request(method: str, path: str, body: bytes) -> str:
    """A fingerprint: one Idempotency-Key stands for one of them."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused, as RFC 9457 tells it. `more` are further members of the answer."""

    status: int
    code: str
    detail: StrOrPromise
    more: Mapping[str, Any] = field(default_factory=dict)


class Conflict(Exception):
    """A request that keeps to the schema and cannot be done as things stand: 409. `errors` by field, if one is to blame."""

    def __init__(self, detail: StrOrPromise, **errors: StrOrPromise) -> None:
        super().__init__(str(detail))
        self.detail, self.errors = detail, {name: [str(text)] for name, text in errors.items()}
