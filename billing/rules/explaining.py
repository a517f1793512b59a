"""Why a line costs what it costs, read back from the source kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Worked:
    """A time entry as it was when it was billed."""

    who: str
    at: datetime
    minutes: int
    note: str


@dataclass(frozen=True)
class Change:
    """What a person changed on the draft afterwards."""

    by: str
    at: datetime
    quantity: Decimal
    price: Decimal
    reason: str
    tax_rate: Decimal | None = None  # not kept with the oldest lines


@dataclass(frozen=True)
class Why:
    """`rate` None: no logged work stands behind the line, `added_by` put it there."""

    minutes: int
    rate: Decimal | None
    rate_is_own: bool
    entries: list[Worked]
    added_by: str
    changes: list[Change]


def why_of(source: Mapping[str, Any]) -> Why:
    """The source of a line as values."""
    return Why(
        minutes=source.get("minutes", 0),
        rate=Decimal(source["rate"]) if "rate" in source else None,
        rate_is_own=source.get("rate_is_own", False),
        entries=[
            Worked(entry["who"], datetime.fromisoformat(entry["started_at"]), entry["minutes"], entry["note"])
            for entry in source.get("entries", [])
        ],
        added_by=source.get("added_by", ""),
        changes=[
            Change(
                change["by"],
                datetime.fromisoformat(change["at"]),
                Decimal(change["quantity"]),
                Decimal(change["unit_price"]),
                change["reason"],
                Decimal(change["tax_rate"]) if "tax_rate" in change else None,
            )
            for change in source.get("changes", [])
        ],
    )
