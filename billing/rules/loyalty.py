"""Who is thanked for what, and what it may cost. Pure arithmetic; amounts in one currency, before tax where prices are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Generic, TypeVar

from billing.choices.care import Gift, LoyaltyCounts

from .money import ZERO, minor_unit, quantise

K = TypeVar("K", bound=object)
_PERCENT = 100


@dataclass(frozen=True)
class Rule(Generic[K]):
    """`threshold` in years or solved requests; `cap`: the most for one client in a calendar year, None for no cap."""

    key: K
    counts: str
    threshold: int
    repeats: bool
    gift: str
    percent: Decimal | None = None
    cap: Decimal | None = None


@dataclass(frozen=True)
class Loyal:
    """How long a client has been one, and how many of its requests were solved."""

    since: date
    solved: int
    today: date


@dataclass(frozen=True)
class Work:
    """The work on a draft: what it comes to, and what it costs the shop (None: nobody has said what an hour costs)."""

    amount: Decimal
    cost: Decimal | None
    currency: str


@dataclass(frozen=True)
class Offer(Generic[K]):
    """What a client gets now: `amount` off, 0 for a service."""

    rule: Rule[K]
    occasion: int
    amount: Decimal


def years_between(since: date, today: date) -> int:
    """Whole years; who began on 29 February has their day on 1 March in other years."""
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


def occasion_of(rule: Rule[K], client: Loyal) -> int | None:
    """The year or the number of requests that is celebrated now, None before the first. A missed one is not made up for."""
    if rule.counts == LoyaltyCounts.YEARS:
        years = years_between(client.since, client.today)
        reached = years if years >= rule.threshold else 0
    else:
        reached = client.solved // rule.threshold * rule.threshold
    if not reached:
        return None
    return reached if rule.repeats else rule.threshold


def most_off(work: Work, floor: Decimal) -> Decimal:
    """The most that can be taken off the work so that at least `floor` percent of what is left is earned. Whole minor units, down.

    Nothing where the cost is not known and a margin is to be kept.
    """
    if floor >= _PERCENT or (work.cost is None and floor > 0):
        return ZERO
    least = (work.cost or ZERO) * _PERCENT / (_PERCENT - floor)
    return max((work.amount - least).quantize(minor_unit(work.currency), ROUND_DOWN), ZERO)


def amount_of(rule: Rule[K], work: Work, given: Decimal, floor: Decimal) -> Decimal | None:
    """What a rule gives: a percentage of the work within its cap and the margin, 0 for a service, None for nothing.

    `given`: what the client got by this rule this year.
    """
    if rule.gift == Gift.SERVICE:
        return ZERO
    wanted = quantise(work.amount * (rule.percent or ZERO) / _PERCENT, work.currency)
    left = wanted if rule.cap is None else rule.cap - given
    found = min(wanted, left, most_off(work, floor))
    return found if found > 0 else None


def offer_for(
    rules: Iterable[Rule[K]],
    client: Loyal,
    work: Work,
    *,
    taken: Collection[tuple[K, int]],
    given: Mapping[K, Decimal],
    floor: Decimal,
) -> Offer[K] | None:
    """The one gift of a draft: the one that is worth most, else the first service. None when no occasion is left."""
    found = []
    for rule in rules:
        occasion = occasion_of(rule, client)
        if occasion is None or (rule.key, occasion) in taken:
            continue
        amount = amount_of(rule, work, given.get(rule.key, ZERO), floor)
        if amount is not None:
            found.append(Offer(rule, occasion, amount))
    return max(found, key=lambda offer: offer.amount, default=None)


PLACEHOLDERS = ("years", "requests", "client")
