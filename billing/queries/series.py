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


def series_key(here: Shop, now: datetime) -> dict[str, Any]:
    """The columns that name the shop's current count of invoices."""
    year = now.astimezone(ZoneInfo(here.identity.zone)).year
    billing = here.billing
    return {
        "kind": DocumentKind.INVOICE,
        "prefix": billing.number_prefix,
        "year": year if billing.number_by_year else None,
    }


def current_series(now: datetime) -> NextNumber:
    """What the next invoice's number will be, if nobody else comes first."""
    key = series_key(shop(), now)
    row = Series.objects.filter(**key).first() or Series(**key)
    return NextNumber(
        row.next_number,
        numbering.written(row.prefix, row.year, row.next_number),
        not row.invoices.exists() if not row._state.adding else True,
    )
