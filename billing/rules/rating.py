"""What logged work costs: rounded by the agreement, cut at the boundary of service hours, borne in this order: included, block, rate.

One entry may span several. Raw minutes never change; every billed minute stands in exactly one part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from billing.choices import Coverage, RoundedPer, TimeClass, Travel
from clients.rules.calendars import Calendar
from tickets.choices import WorkType

from . import money
from .blocks import Purse, draw
from .coverage import cut
from .rounding import RoundingRule, shared

_ONE = Decimal(1)
ALWAYS = Calendar(ZoneInfo("UTC"), (), always=True)


@dataclass(frozen=True)
class Work:
    """A time entry as it is rated. `category` and its parent are the ticket's."""

    key: UUID
    ticket: UUID
    who: str
    started_at: datetime
    minutes: int
    work_type: str = WorkType.REMOTE
    categories: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class RateRules:
    """How work is rated under one version of an agreement, or without any. `name` is the rule kept with each line."""

    currency: str
    hourly_rate: Decimal
    rate_is_own: bool = False
    agreement: str = ""
    version: int = 0
    calendar: Calendar = ALWAYS
    on_site_rate: Decimal | None = None
    travel: str = Travel.AS_WORK
    travel_price: Decimal | None = None
    after_multiplier: Decimal = _ONE
    day_off_multiplier: Decimal = _ONE
    rounding: RoundingRule = field(default_factory=RoundingRule)
    includes: frozenset[str] = frozenset()
    includes_after_hours: bool = False
    not_from_blocks: frozenset[str] = frozenset()
    excluded_categories: frozenset[UUID] = frozenset()

    def multiplier(self, time_class: str) -> Decimal:
        return {TimeClass.AFTER: self.after_multiplier, TimeClass.DAY_OFF: self.day_off_multiplier}.get(
            TimeClass(time_class), _ONE
        )

    def price(self, work_type: str, time_class: str) -> Decimal:
        """The hourly price in whole minor units, as it is printed."""
        rate = self.hourly_rate
        if work_type == WorkType.ON_SITE and self.on_site_rate is not None:
            rate = self.on_site_rate
        if work_type == WorkType.TRAVEL and self.travel == Travel.OWN_RATE and self.travel_price is not None:
            rate = self.travel_price
        return money.quantise(rate * self.multiplier(time_class), self.currency)

    def includes_all(self, work: Work, time_class: str) -> bool:
        """Whether the agreement bears such work without limit."""
        if work.work_type == WorkType.TRAVEL and self.travel == Travel.FREE:
            return True
        in_time = self.includes_after_hours or time_class == TimeClass.HOURS
        return work.work_type in self.includes and in_time and not self.excludes(work)

    def excludes(self, work: Work) -> bool:
        """Whether nothing but the rate pays for it, by the ticket's category."""
        return bool(self.excluded_categories & work.categories)

    def is_flat(self, work: Work) -> bool:
        return work.work_type == WorkType.TRAVEL and self.travel == Travel.FLAT


@dataclass(frozen=True)
class Part:
    """Billed minutes of one entry that are borne in one way. `raw` of them were worked; `drawn` came out of the purse.

    `flat`: a price a visit and not an hour; its minutes are nothing.
    """

    work: Work
    rules: RateRules
    coverage: str
    day: date
    time_class: str
    minutes: int
    raw: int
    price: Decimal
    multiplier: Decimal
    purse: Purse | None = None
    drawn: Decimal = money.ZERO
    flat: bool = False


@dataclass(frozen=True)
class RatedLine:
    """What is printed as one line: hours times price, or visits times a flat price. Nothing is to pay for what is borne."""

    ticket: UUID
    coverage: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    parts: tuple[Part, ...]

    @property
    def first(self) -> Part:
        return self.parts[0]

    @property
    def is_travel(self) -> bool:
        return _travels_apart(self.first)

    @property
    def raw_minutes(self) -> int:
        return sum(part.raw for part in self.parts)

    @property
    def billed_minutes(self) -> int:
        return sum(part.minutes for part in self.parts)

    @property
    def drawn(self) -> Decimal:
        return sum((part.drawn for part in self.parts), money.ZERO)


def rate_work(work: Iterable[tuple[Work, RateRules]], purses: Sequence[Purse]) -> list[RatedLine]:
    """The lines of some work, each entry with the rules of its day, by ticket in the order given.

    Purses are drawn from in the order of the work's time; their `left` goes down.
    """
    given = list(work)
    pieces = [piece for visit in _visits(given) for piece in _rounded(visit)]
    pieces.sort(key=lambda piece: (piece.work.started_at, str(piece.work.key)))
    parts = [part for piece in pieces for part in _borne(piece, purses)]
    order = {entry.ticket: place for place, (entry, _rules) in reversed(list(enumerate(given)))}
    return sorted(_lines(parts), key=lambda line: order[line.ticket])


@dataclass(frozen=True)
class _Billed:
    """A piece of an entry with its billed minutes."""

    work: Work
    rules: RateRules
    day: date
    time_class: str
    raw: int
    minutes: int


def _visits(given: Iterable[tuple[Work, RateRules]]) -> Iterator[list[tuple[Work, RateRules]]]:
    """What is rounded as one, in order of time. Travel is apart from the work it leads to."""
    found: dict[tuple[object, ...], list[tuple[Work, RateRules]]] = defaultdict(list)
    for entry, rules in sorted(given, key=lambda pair: (pair[0].started_at, str(pair[0].key))):
        day = entry.started_at.astimezone(rules.calendar.zone).date()
        same: dict[str, tuple[object, ...]] = {
            RoundedPer.ENTRY: (entry.key,),
            RoundedPer.VISIT: (entry.ticket, entry.who, day),
            RoundedPer.TICKET: (entry.ticket,),
        }
        per = RoundedPer.VISIT if rules.is_flat(entry) else rules.rounding.per
        is_travel = entry.work_type == WorkType.TRAVEL
        found[(is_travel, rules.agreement, rules.version, *same[per])].append((entry, rules))
    yield from found.values()


def _rounded(visit: list[tuple[Work, RateRules]]) -> list[_Billed]:
    """The pieces of a visit, with what rounding made of their minutes."""
    cuts = [
        (entry, rules, piece)
        for entry, rules in visit
        for piece in cut(rules.calendar, entry.started_at, entry.minutes)
    ]
    raw = [piece.minutes for _entry, _rules, piece in cuts]
    prices = [rules.price(entry.work_type, piece.time_class) for entry, rules, piece in cuts]
    ranks = {price: rank for rank, price in enumerate(sorted(set(prices)))}
    first = visit[0]
    total = sum(raw) if first[1].is_flat(first[0]) else first[1].rounding.billed(sum(raw))
    billed = shared(total, raw, [ranks[price] for price in prices])
    return [
        _Billed(entry, rules, piece.day, piece.time_class, piece.minutes, minutes)
        for (entry, rules, piece), minutes in zip(cuts, billed, strict=True)
    ]


def _borne(piece: _Billed, purses: Sequence[Purse]) -> Iterator[Part]:
    """Who bears the minutes of a piece: included, then blocks, then the rate."""
    rules, left, raw = piece.rules, piece.minutes, piece.raw
    multiplier = rules.multiplier(piece.time_class)
    price = rules.price(piece.work.work_type, piece.time_class)

    def part(coverage: str, minutes: int, raw: int, purse: Purse | None = None, drawn: Decimal = money.ZERO) -> Part:
        charged = price if coverage == Coverage.RATE else money.ZERO
        about = (piece.day, piece.time_class, minutes, raw, charged, multiplier)
        return Part(piece.work, rules, coverage, *about, purse, drawn, flat)

    flat = rules.is_flat(piece.work)
    if flat or rules.includes_all(piece.work, piece.time_class):
        yield part(Coverage.RATE if flat else Coverage.INCLUDED, 0 if flat else left, raw)
        return
    if piece.work.work_type not in rules.not_from_blocks and not rules.excludes(piece.work):
        for drawn in draw(purses, piece.day, left, multiplier=multiplier, price=price):
            left -= drawn.minutes
            share = min(raw, drawn.minutes) if left else raw
            raw -= share
            yield part(Coverage.BLOCK, drawn.minutes, share, drawn.purse, drawn.amount)
    if left or raw or not piece.minutes:
        yield part(Coverage.RATE, left, raw)


def _lines(parts: Iterable[Part]) -> Iterator[RatedLine]:
    found: dict[tuple[object, ...], list[Part]] = defaultdict(list)
    for part in parts:
        bearer = part.purse.key if part.purse else None
        factor = None if part.coverage == Coverage.INCLUDED else part.multiplier
        rules = part.rules
        about = (part.coverage, part.price, factor, bearer, rules.agreement, rules.version)
        found[(part.work.ticket, _travels_apart(part), *about)].append(part)
    for same in found.values():
        if same[0].flat:
            yield _flat_line(same)
        elif minutes := sum(part.minutes for part in same):
            quantity, price = money.hours(minutes), same[0].price
            amount = money.line_amount(quantity, price, same[0].rules.currency)
            yield RatedLine(same[0].work.ticket, same[0].coverage, quantity, price, amount, tuple(same))


def _flat_line(parts: list[Part]) -> RatedLine:
    visits = {(part.work.who, part.work.started_at.astimezone(part.rules.calendar.zone).date()) for part in parts}
    rules, quantity = parts[0].rules, Decimal(len(visits))
    price = money.quantise(rules.travel_price or money.ZERO, rules.currency)
    amount = money.line_amount(quantity, price, rules.currency)
    return RatedLine(parts[0].work.ticket, Coverage.RATE, quantity, price, amount, tuple(parts))


def _travels_apart(part: Part) -> bool:
    """Whether travel stands on a line of its own."""
    return part.work.work_type == WorkType.TRAVEL and part.rules.travel != Travel.AS_WORK
