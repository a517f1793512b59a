"""What a quote comes to, for any choice the client makes. Pure arithmetic and rules about choices."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from billing.choices import Every, LineRole

from . import money
from .refusals import Refused
from .sizing import weight
from .tax import Assessed, Item, Tax, assess


@dataclass(frozen=True)
class Offered:
    """A line as far as choosing and adding up goes. `group` names the alternatives that it stands among."""

    key: UUID
    role: str
    group: str
    preselected: bool
    every: str
    amount: Decimal
    tax: Tax
    description: str = ""


@dataclass(frozen=True)
class Sums:
    """What a choice of lines comes to, by how often it is paid; taxed as an invoice of them would be."""

    once: Assessed
    monthly: Assessed
    yearly: Assessed

    @property
    def first_year(self) -> Decimal:
        """Before tax, with a year of what is paid again and again: what approval limits look at."""
        return self.once.net + 12 * self.monthly.net + self.yearly.net


@dataclass(frozen=True)
class Span:
    """The least and the most a client can choose, paid once and before tax."""

    least: Decimal
    most: Decimal


def flaws(lines: Sequence[Offered]) -> list[str]:
    """What keeps a quote from being sent, in words: no lines, a choice among one, a choice that nothing is preselected in."""
    if not lines:
        return [_("It has no lines.")]
    found = []
    for group, members in _groups(lines).items():
        if len(members) < 2:
            found.append(_("“%s” offers only one thing to choose from.") % group)
        if sum(line.preselected for line in members) != 1:
            found.append(_("Preselect one of “%s”.") % group)
    return found


def preselection(lines: Iterable[Offered]) -> list[Offered]:
    """What the client takes who changes nothing."""
    return [line for line in lines if line.role == LineRole.REQUIRED or line.preselected]


def chosen(lines: Sequence[Offered], picked: Collection[UUID]) -> list[Offered]:
    """The lines that a client takes who picked these; required ones need no picking.

    Raises Refused for a line that is not offered, and unless each group has exactly one.
    """
    if not set(picked) <= {line.key for line in lines}:
        raise Refused(_("Something was chosen that is not offered. Reload the page."))
    for group, members in _groups(lines).items():
        if sum(line.key in picked for line in members) != 1:
            raise Refused(_("Choose one of “%s”.") % group)
    return [line for line in lines if line.role == LineRole.REQUIRED or line.key in picked]


def sums(lines: Iterable[Offered], currency: str) -> Sums:
    """Totals of these lines, each rhythm apart."""
    rows: dict[str, list[Item]] = defaultdict(list)
    for line in lines:
        rows[line.every].append(Item(line.key, line.amount, line.tax))
    return Sums(*(assess(rows[every], currency) for every in (Every.ONCE, Every.MONTH, Every.YEAR)))


def span(lines: Sequence[Offered]) -> Span:
    """Between which sums, paid once, the client's choice lies."""
    least = most = money.ZERO
    for line in lines:
        if line.every == Every.ONCE and line.role == LineRole.REQUIRED:
            least, most = least + line.amount, most + line.amount
        if line.every == Every.ONCE and line.role == LineRole.OPTIONAL:
            least, most = least + min(line.amount, money.ZERO), most + max(line.amount, money.ZERO)
    for members in _groups(lines).values():
        amounts = [line.amount if line.every == Every.ONCE else money.ZERO for line in members]
        least, most = least + min(amounts), most + max(amounts)
    return Span(least, most)


def dearest(lines: Sequence[Offered]) -> list[Offered]:
    """The choice that comes to most in its first year: what limits look at. Discounts that may be left out lower nothing."""
    fixed = [x for x in lines if x.role == LineRole.REQUIRED or (x.role == LineRole.OPTIONAL and x.amount > 0)]
    return fixed + [max(members, key=lambda x: weight(x.amount, x.every)) for members in _groups(lines).values()]


def deposit(once: Assessed, percent: Decimal, currency: str) -> list[tuple[Decimal, Tax]]:
    """The deposit before tax, as (amount, tax): the same part of each tax's net sum, so that its tax is right, too.

    What is taken together comes to `percent` of the whole, to the minor unit.
    """
    if percent <= 0 or once.net <= 0:
        return []
    unit = money.minor_unit(currency)
    wanted = money.quantise(once.net * percent / 100, currency)
    exact = [(group.net * percent / 100, group.tax) for group in once.groups]
    parts = [((amount / unit).to_integral_value(ROUND_FLOOR) * unit, tax) for amount, tax in exact]
    missing = int((wanted - sum((amount for amount, _tax in parts), money.ZERO)) / unit)
    order = sorted(range(len(parts)), key=lambda i: (parts[i][0] - exact[i][0], i))
    for i in order[:missing]:
        parts[i] = (parts[i][0] + unit, parts[i][1])
    return [(amount, tax) for amount, tax in parts if amount]


def deposit_totals(once: Assessed, percent: Decimal, currency: str) -> Assessed | None:
    """The deposit with its tax, None without one."""
    items = [Item(key, amount, tax) for key, (amount, tax) in enumerate(deposit(once, percent, currency))]
    return assess(items, currency) if items else None


def fingerprint(said: object) -> str:
    """SHA-256 of what a quote says, in hex. The same words and figures give the same, in any order of keys."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _groups(lines: Iterable[Offered]) -> dict[str, list[Offered]]:
    found: dict[str, list[Offered]] = defaultdict(list)
    for line in lines:
        if line.role == LineRole.ALTERNATIVE:
            found[line.group].append(line)
    return found
