"""Why a line costs what it costs, read back from the source kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django_stubs_ext import StrOrPromise

from billing.choices import BlockUnit, Coverage, TimeClass

from .rating import RatedLine, Work

HOURS_RULE = "hours-nearest-hundredth/1"  # rules/money.py; kept with each line, so that old lines explain themselves


@dataclass(frozen=True)
class Worked:
    """A time entry as it was when it was billed."""

    who: str
    at: datetime
    minutes: int
    note: str
    ended_at: datetime | None = None  # like the rest not kept with the oldest lines
    here: int | None = None  # billed minutes of it on this line
    entry_id: str = ""


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
    coverage: str = Coverage.RATE
    billed_minutes: int | None = None
    rounding: str = ""
    factor: Decimal = Decimal(1)
    time_class: str = TimeClass.HOURS
    agreement: str = ""
    version: int = 0
    drawn: Decimal | None = None  # out of a block: minutes, or money where `drawn_money`
    drawn_money: bool = False
    days: int | None = None  # of a period's charge
    of_days: int | None = None
    charged: Decimal | None = None  # of a true-up: the number that was charged ahead, and the one that was counted
    counted: Decimal | None = None

    @property
    def is_rounded(self) -> bool:
        return self.billed_minutes is not None and self.billed_minutes != self.minutes

    @property
    def time_words(self) -> StrOrPromise:
        return TimeClass(self.time_class).label

    @property
    def coverage_words(self) -> StrOrPromise:
        return Coverage(self.coverage).label


def why_of(source: Mapping[str, Any]) -> Why:
    """The source of a line as values."""
    return Why(
        minutes=source.get("minutes", 0),
        rate=Decimal(source["rate"]) if "rate" in source else None,
        rate_is_own=source.get("rate_is_own", False),
        entries=[_worked(entry) for entry in source.get("entries", [])],
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
        coverage=source.get("coverage", Coverage.RATE),
        billed_minutes=source.get("billed_minutes"),
        rounding=source.get("rounding", ""),
        factor=Decimal(source.get("factor", 1)),
        time_class=source.get("time_class", TimeClass.HOURS),
        agreement=source.get("agreement", ""),
        version=source.get("version", 0),
        drawn=Decimal(source["drawn"]) if "drawn" in source else None,
        drawn_money=source.get("drawn_unit") == BlockUnit.MONEY,
        days=source.get("days"),
        of_days=source.get("of_days"),
        charged=Decimal(source["true_up"]["charged"]) if "true_up" in source else None,
        counted=Decimal(source["true_up"]["counted"]) if "true_up" in source else None,
    )


def _worked(entry: Mapping[str, Any]) -> Worked:
    ended = datetime.fromisoformat(entry["ended_at"]) if "ended_at" in entry else None
    about = (entry["who"], datetime.fromisoformat(entry["started_at"]), entry["minutes"], entry["note"])
    return Worked(*about, ended, entry.get("here"), entry.get("id", ""))


def source_of(line: RatedLine, notes: Mapping[UUID, str]) -> dict[str, Any]:
    """Why a rated line costs what it costs, in values that outlive the rows they came from. `notes` by the entry's key."""
    first = line.first
    here: dict[UUID, int] = {}
    for part in line.parts:
        here[part.work.key] = here.get(part.work.key, 0) + part.minutes
    works = {part.work.key: part.work for part in line.parts}
    source: dict[str, Any] = {
        "rule": HOURS_RULE,
        "coverage": line.coverage,
        "minutes": line.raw_minutes,
        "billed_minutes": line.billed_minutes,
        "rounding": first.rules.rounding.name,
        "rate": str(first.rules.price(first.work.work_type, first.time_class) if not first.flat else line.unit_price),
        "rate_is_own": first.rules.rate_is_own,
        "factor": str(first.multiplier),
        "time_class": first.time_class,
        "group": str(line.ticket),
        "entries": [_entry(work, here[key], notes.get(key, "")) for key, work in works.items()],
    }
    if first.rules.agreement:
        source |= {"agreement": first.rules.agreement, "version": first.rules.version}
    if first.purse is not None:
        source |= {"block": str(first.purse.key), "drawn": str(line.drawn), "drawn_unit": first.purse.unit}
    return source


def _entry(work: Work, here: int, note: str) -> dict[str, Any]:
    return {
        "id": str(work.key),
        "who": work.who,
        "started_at": work.started_at.isoformat(),
        "ended_at": (work.started_at + timedelta(minutes=work.minutes)).isoformat(),
        "minutes": work.minutes,
        "here": here,
        "note": note,
        "work_type": work.work_type,
    }
