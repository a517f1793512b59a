"""Reads the worked agreements in tests/billing/golden/*.csv: what an accountant wrote, as what the rules take and give."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from billing.choices import BlockKind, BlockUnit, Coverage, TrueUp
from billing.rules import money
from billing.rules.blocks import Purse
from billing.rules.charging import ItemTerms, VersionTerms, charge_lines, true_up_lines
from billing.rules.proration import Period, period_of
from billing.rules.rating import ALWAYS, RatedLine, RateRules, Work, rate_work
from billing.rules.rounding import RoundingRule
from clients.rules.calendars import Calendar, Window

FOLDER = Path(__file__).parent / "golden"
ZONE = ZoneInfo("Europe/London")
_SPACE = UUID(int=0)
_TRUE_UP = {"": TrueUp.NONE, "more": TrueUp.UP, "more and less": TrueUp.BOTH}
_WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

Row = dict[str, str]
Printed = tuple[str, ...]


@dataclass(frozen=True)
class Case:
    number: str
    title: str
    rows: list[Row]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def of(self, kind: str) -> list[Row]:
        return [row for row in self.rows if row["Row"] == kind]

    @property
    def terms(self) -> dict[str, str]:
        return {row["What"]: row["Remark"] for row in self.of("Term")}

    @property
    def currency(self) -> str:
        return self.terms.get("Currency", "GBP")

    @property
    def wanted(self) -> list[Printed]:
        """The lines, what is left and the total, as they are written."""
        columns = ("Row", "What", "Minutes or days", "Quantity", "Price", "Amount", "Remark")
        rows = (row for row in self.rows if row["Row"] in {"Line", "Charge", "True-up", "Left", "Total"})
        return [tuple(row[name] for name in columns) for row in rows]

    @property
    def found(self) -> list[Printed]:
        """The same from the rules."""
        return self._charged() if self.of("Period") else self._rated()

    def _rated(self) -> list[Printed]:
        purses = {row["What"]: _purse(row, self.currency) for row in self.of("Block")}
        rules = _rules(self.terms, self.currency)
        lines = rate_work([(_work(at, row), rules) for at, row in enumerate(self.of("Work"))], list(purses.values()))
        names = {purse.key: name for name, purse in purses.items()}
        tickets = {_id(row["Remark"].split()[1]): row["Remark"].split()[1] for row in self.of("Work")}
        shown = [self._line(line, names, tickets) for line in lines]
        return [*shown, *(_left(name, purse) for name, purse in purses.items()), self._total([x.amount for x in lines])]

    def _line(self, line: RatedLine, names: dict[UUID, str], tickets: dict[UUID, str]) -> Printed:
        purse = line.first.purse
        what = f"block {names[purse.key]}" if purse else Coverage(line.coverage).value
        price = money.quantise(line.unit_price, self.currency)
        return (
            "Line",
            what,
            "",
            str(line.quantity.quantize(Decimal("0.01"))),
            str(price),
            str(line.amount),
            tickets[line.ticket],
        )

    def _charged(self) -> list[Printed]:
        [runs], [asked] = self.of("Runs"), self.of("Period")
        whole = Period(date.fromisoformat(runs["On"]), date.fromisoformat(runs["At"]) if runs["At"] else date.max)
        logs: dict[UUID, list[tuple[date, Decimal]]] = {}
        for row in self.of("Count"):
            logs.setdefault(_id(row["What"]), []).append((date.fromisoformat(row["On"]), Decimal(row["Quantity"])))
        period = period_of(date.fromisoformat(asked["On"]), asked["What"])
        lines = charge_lines(self._versions(), whole, period, logs, self.currency)
        shown = [
            (
                "Charge",
                x.item.label,
                str(x.days.days),
                f"{x.quantity:.2f}",
                str(money.quantise(x.unit_price, self.currency)),
                str(x.amount),
                "",
            )
            for x in lines
        ]
        later = true_up_lines(self._versions(), whole, period, logs, self.currency)
        shown += [
            (
                "True-up",
                x.item.label,
                str(x.days.days),
                f"{x.quantity:.2f}",
                str(money.quantise(x.unit_price, self.currency)),
                str(x.amount),
                f"{x.counted} instead of {x.charged}",
            )
            for x in later
        ]
        return [*shown, self._total([line.amount for line in [*lines, *later]])]

    def _versions(self) -> list[VersionTerms]:
        found: list[VersionTerms] = []
        for row in self.rows:
            if row["Row"] == "Version":
                found.append(
                    VersionTerms(
                        len(found) + 1, date.fromisoformat(row["On"]), (), row["What"], _TRUE_UP[row["Remark"]]
                    )
                )
            elif row["Row"] == "Item":
                last = found[-1]
                items = (*last.items, _item(row))
                found[-1] = replace(last, items=items)
        return found

    def _total(self, amounts: list[Decimal]) -> Printed:
        return ("Total", "", "", "", "", str(money.quantise(sum(amounts, money.ZERO), self.currency)), "")


def cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(newline="") as file:
            for number, rows in groupby(csv.DictReader(file), key=lambda row: row["Case"]):
                head, *rest = rows
                yield Case(number, head["What"], rest)


def _id(name: str) -> UUID:
    return uuid5(_SPACE, name)


def _purse(row: Row, currency: str) -> Purse:
    hours = bool(row["Quantity"])
    return Purse(
        key=_id(row["What"]),
        kind=BlockKind.ALLOWANCE if row["Remark"] == "included" else BlockKind.PREPAID,
        unit=BlockUnit.MINUTES if hours else BlockUnit.MONEY,
        left=Decimal(row["Quantity"]) * 60 if hours else Decimal(row["Amount"]),
        currency=currency,
        valid_from=date.fromisoformat(row["On"]),
        expires_on=date.fromisoformat(row["At"]) if row["At"] else None,
        may_go_negative=row["Remark"] == "may be overdrawn",
    )


def _left(name: str, purse: Purse) -> Printed:
    if purse.unit == BlockUnit.MINUTES:
        return ("Left", name, "", f"{purse.left / 60:.2f}", "", "", "")
    return ("Left", name, "", "", "", str(money.quantise(purse.left, purse.currency)), "")


def _work(at: int, row: Row) -> Work:
    who, ticket, *categories = row["Remark"].split()
    started = datetime.combine(date.fromisoformat(row["On"]), time.fromisoformat(row["At"]), tzinfo=ZONE)
    tags = frozenset(_id(name) for name in categories)
    return Work(UUID(int=at), _id(ticket), who, started, int(row["Minutes or days"]), row["What"], tags)


def _rules(terms: dict[str, str], currency: str) -> RateRules:
    def price(name: str) -> Decimal | None:
        return Decimal(terms[name]) if name in terms else None

    rounding = RoundingRule(
        step=int(terms.get("Rounded to minutes", 1)),
        how=terms.get("Rounded", "nearest"),
        per=terms.get("Rounded for", "entry"),
        minimum=int(terms.get("At least minutes", 0)),
    )
    return RateRules(
        currency=currency,
        hourly_rate=Decimal(terms["Hourly rate"]),
        calendar=_calendar(terms["Calendar"]) if "Calendar" in terms else ALWAYS,
        on_site_rate=price("Hourly rate on site"),
        travel=terms.get("Travel", "as_work"),
        travel_price=price("Travel price"),
        after_multiplier=Decimal(terms.get("Factor after hours", 1)),
        day_off_multiplier=Decimal(terms.get("Factor on days off", 1)),
        rounding=rounding,
        includes=frozenset(terms.get("Included work", "").split()),
        includes_after_hours=terms.get("Included after hours") == "yes",
        not_from_blocks=frozenset(terms.get("Not from blocks", "").split()),
        excluded_categories=frozenset(_id(name) for name in terms.get("Excluded", "").split()),
    )


def _calendar(text: str) -> Calendar:
    """Mon-Fri 09:00-12:00 13:00-17:00; closed 2026-04-03"""
    hours, _semicolon, closed = text.partition(";")
    days, *windows = hours.split()
    first, _dash, last = days.partition("-")
    found = []
    for day in range(_WEEK.index(first), _WEEK.index(last or first) + 1):
        for window in windows:
            opens, closes = (time.fromisoformat(side) for side in window.split("-"))
            found.append(Window(day, opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute))
    off = {date.fromisoformat(word): "Closed" for word in closed.split()[1:]}
    return Calendar(ZONE, tuple(found), off)


def _item(row: Row) -> ItemTerms:
    rule, *least = row["Remark"].split()
    is_counted = rule not in {"flat", "number"}
    return ItemTerms(
        key=_id(row["What"]),
        label=row["What"],
        unit_price=Decimal(row["Price"]),
        quantity=Decimal(row["Quantity"] or 0),
        is_counted=is_counted,
        count_rule=rule,
        at_least=int(row["Quantity"]) if least else 0,
    )
