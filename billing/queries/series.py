"""The count that the next invoice continues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing.choices import DocumentKind
from billing.models import Series
from billing.rules import numbering

from .terms import Shop, shop


@dataclass(frozen=True)
class NextNumber:
    """`may_start_elsewhere`: no invoice has a number of this count yet."""

    next_number: int
    written: str
    may_start_elsewhere: bool


_PREFIXES = {
    DocumentKind.INVOICE: "number_prefix",
    DocumentKind.CREDIT_NOTE: "credit_prefix",
    DocumentKind.DEBIT_NOTE: "debit_prefix",
    DocumentKind.PROFORMA: "proforma_prefix",
    DocumentKind.DEPOSIT: "deposit_prefix",
    DocumentKind.FINAL: "final_prefix",
}


def prefix_column(kind: str) -> str:
    """The setting that says how numbers of this kind begin."""
    return _PREFIXES[DocumentKind(kind)]


def series_key(here: Shop, now: datetime, kind: str = DocumentKind.INVOICE) -> dict[str, Any]:
    """The columns that name the shop's current count of documents of a kind."""
    year = now.astimezone(ZoneInfo(here.identity.zone)).year
    billing = here.billing
    return {
        "kind": kind,
        "prefix": getattr(billing, prefix_column(kind)),
        "year": year if billing.number_by_year else None,
    }


def current_series(now: datetime, kind: str = DocumentKind.INVOICE) -> NextNumber:
    """What the next document's number will be, if nobody else comes first."""
    key = series_key(shop(), now, kind)
    row = Series.objects.filter(**key).first() or Series(**key)
    return NextNumber(
        row.next_number,
        numbering.written(row.prefix, row.year, row.next_number),
        not row.invoices.exists() if not row._state.adding else True,
    )
