"""Which reminder an invoice gets, and when. Pure arithmetic over dates; all of them are the client's own.

An invoice climbs the shop's ladder a step at a time, each step once. What is due is read from what was done and from today, never
from "a step falls on this very day": after a missed night the same steps are due. Of several that are due, the last one is sent and
the ones before it are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from billing.choices.care import CountedFrom
from clients.rules.holidays import weekend_of

from .holding import to_ask_for
from .money import ZERO

K = TypeVar("K", bound=object)
_DAY = timedelta(days=1)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LONGEST_CLOSED = 60  # days in a row without a working day: then the calendar is wrong, not the client on holiday


class Stop(StrEnum):
    """Why an invoice gets no reminder today, although something is owed."""

    NOT_DELIVERED = "not_delivered"
    COVERED = "covered"
    QUERIED = "queried"
    PROMISED = "promised"
    PAUSED = "paused"
    TOO_SOON = "too_soon"
    NOT_YET = "not_yet"
    ENDED = "ended"


@dataclass(frozen=True)
class Step(Generic[K]):
    """A rung of the ladder. `days` after the day it is due or arrived."""

    key: K
    position: int
    days: int
    counted_from: str = CountedFrom.DUE


@dataclass(frozen=True)
class Claim(Generic[K]):
    """An issued invoice on which something is owed.

    `delivered_on`: when it arrived, None as long as nobody knows. `covered`: what the client's credit pays of it. `taken`: the steps that are over. `pay_until`: the last day for
    the money of a promise to pay to arrive.
    """

    due_on: date
    delivered_on: date | None
    payment_days: int
    owed: Decimal
    held: tuple[Decimal, ...] = ()
    covered: Decimal = ZERO
    taken: frozenset[K] = frozenset()
    pay_until: date | None = None

    @property
    def asked(self) -> Decimal:
        """What the client may be reminded of."""
        return to_ask_for(self.owed - self.covered, self.held)


@dataclass(frozen=True)
class Verdict(Generic[K]):
    """`step` leaves today and `passed` are over with it; or `stop` says why none does. `next_on`: when the next one may leave."""

    step: Step[K] | None = None
    passed: tuple[Step[K], ...] = ()
    stop: Stop | None = None
    next_on: date | None = None


def due_from(claim: Claim[K]) -> date:
    """The day from which it is late: the printed one, but not before the days to pay have passed since it arrived."""
    if claim.delivered_on is None:
        return claim.due_on
    return max(claim.due_on, claim.delivered_on + claim.payment_days * _DAY)


def falls_on(step: Step[K], claim: Claim[K]) -> date:
    """The first day on which a step may be taken, working day or not. Nobody is reminded on the very day it is due."""
    if step.counted_from == CountedFrom.DELIVERY and claim.delivered_on is not None:
        return claim.delivered_on + max(step.days, 1) * _DAY
    return due_from(claim) + max(step.days, 1) * _DAY


def verdict(ladder: Sequence[Step[K]], claim: Claim[K], today: date, *, paused: bool = False) -> Verdict[K]:
    """What becomes of an invoice today. Whether today is a working day, and whether the client had one lately, is the client's."""
    ahead = _ahead(ladder, claim.taken)
    if not ahead:
        return Verdict(stop=Stop.ENDED)
    if claim.delivered_on is None:
        return Verdict(stop=Stop.NOT_DELIVERED)
    come = [step for step in ahead if falls_on(step, claim) <= today]
    later = min((falls_on(step, claim) for step in ahead if step not in come), default=None)
    for stop, holds in (
        (Stop.PAUSED, paused),
        (Stop.PROMISED, claim.pay_until is not None and today <= claim.pay_until),
        (Stop.COVERED, claim.owed <= claim.covered),
        (Stop.QUERIED, claim.asked <= 0),
        (Stop.NOT_YET, not come),
    ):
        if holds:
            return Verdict(stop=stop, next_on=later)
    return Verdict(step=come[-1], passed=tuple(come[:-1]), next_on=later)


def _ahead(ladder: Sequence[Step[K]], taken: Collection[K]) -> list[Step[K]]:
    """The steps above the highest that was taken: nobody is reminded more kindly than before."""
    steps = sorted(ladder, key=lambda step: step.position)
    highest = max((number for number, step in enumerate(steps) if step.key in taken), default=-1)
    return steps[highest + 1 :]


def is_too_soon(last_on: date | None, today: date, least_days: int) -> bool:
    """Whether the client was reminded less than `least_days` ago, of whatever."""
    return last_on is not None and today < last_on + least_days * _DAY


# --- working days ---


@dataclass(frozen=True)
class WorkingDays:
    """On which days a client may be reminded: `holiday` names the days that are none, whose weekend it is says the country."""

    country: str
    holiday: Callable[[date], str | None] = field(default=lambda _day: None)

    def why_not(self, day: date) -> str | None:
        """The holiday's name, an empty text for a weekend, None for a working day."""
        if day.weekday() in weekend_of(self.country):
            return ""
        return self.holiday(day)

    def is_one(self, day: date) -> bool:
        return self.why_not(day) is None

    def on_or_after(self, day: date) -> date:
        """The day itself, or the next working day. In a calendar that never ends its holidays, the day itself."""
        for ahead in range(LONGEST_CLOSED):
            if self.is_one(day + ahead * _DAY):
                return day + ahead * _DAY
        return day


# --- words ---

PLACEHOLDERS = ("client", "shop", "total", "fee", "numbers", "days_late", "due", "today")


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that nobody fills in, in order, each once."""
    return list(dict.fromkeys(name for name in names_in(text) if name not in PLACEHOLDERS))


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, once: what a value says in braces stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def names_in(text: str) -> list[str]:
    """The names in braces."""
    return _PLACEHOLDER.findall(text)


def text_for(languages: Collection[str], *wanted: str) -> str | None:
    """Of the languages a step has texts in, the best for a reader: theirs, its family (de for de-at), English, any."""
    for asked in wanted:
        for candidate in (asked, asked.split("-")[0]):
            if candidate in languages:
                return candidate
    return "en" if "en" in languages else min(languages, default=None)
