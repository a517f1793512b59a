"""How a document is taxed: by rate or by line, on top of prices or within them, with a second tax beside the first.

Amounts are allocated to the cent: a document's net, its taxes and its total always add up, and what is credited in any number
of parts comes, all together, to exactly what was charged (`credited`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from typing import Any

from billing.choices import TaxCategory, TaxRounding, TaxTreatment

from .money import ZERO, minor_unit, quantise

_PERCENT = Decimal(100)

# Reasons of EN 16931's list (CEF VATEX) that follow from the category alone. An exemption needs one of its own.
VATEX: Mapping[str, str] = {
    TaxCategory.REVERSE_CHARGE: "VATEX-EU-AE",
    TaxCategory.INTRA_COMMUNITY: "VATEX-EU-IC",
    TaxCategory.EXPORT: "VATEX-EU-G",
    TaxCategory.OUTSIDE: "VATEX-EU-O",
}
# Categories that must print why nothing is charged (BR-E-10, BR-AE-10, …); of a zero rate the law itself is the reason.
EXPLAINED = frozenset(VATEX) | {TaxCategory.EXEMPT}

_CATEGORY: Mapping[str, TaxCategory] = {
    TaxTreatment.ZERO: TaxCategory.ZERO,
    TaxTreatment.EXEMPT: TaxCategory.EXEMPT,
    TaxTreatment.REVERSE_CHARGE: TaxCategory.REVERSE_CHARGE,
    TaxTreatment.INTRA_COMMUNITY: TaxCategory.INTRA_COMMUNITY,
    TaxTreatment.EXPORT: TaxCategory.EXPORT,
    TaxTreatment.OUTSIDE: TaxCategory.OUTSIDE,
}


def category_of(treatment: str, rate: Decimal) -> TaxCategory:
    """The category of a line that nobody chose one for. Taxed as usual at 0 % is zero-rated."""
    taxed = TaxCategory.STANDARD if rate else TaxCategory.ZERO
    return _CATEGORY.get(treatment, taxed)


def treatment_of(category: str) -> str:
    """The treatment that a usual tax of this category stands for."""
    return next((treatment for treatment, known in _CATEGORY.items() if known == category), TaxTreatment.STANDARD)


@dataclass(frozen=True)
class Tax:
    """How one line is taxed; rates in percent. `on_top`: the second tax is charged on the first, too."""

    category: str
    rate: Decimal
    second_rate: Decimal = ZERO
    on_top: bool = False
    name: str = field(default="", compare=False)
    second_name: str = field(default="", compare=False)
    code: str = field(default="", compare=False)
    reason: str = field(default="", compare=False)


@dataclass(frozen=True)
class DatedTax:
    """A tax as it is from a day on; the name "" is the shop's usual tax."""

    name: str
    valid_from: date
    tax: Tax


def tax_on(rows: Iterable[DatedTax], name: str, day: date) -> Tax | None:
    """The tax of that name as it was on a day; None before its first row."""
    valid = [row for row in rows if row.name == name and row.valid_from <= day]
    return max(valid, key=lambda row: row.valid_from).tax if valid else None


@dataclass(frozen=True)
class Item:
    """A line as tax sees it. `amount` as printed: with the tax where prices include it. `key` tells lines apart."""

    key: Hashable
    amount: Decimal
    tax: Tax


@dataclass(frozen=True)
class Group:
    """All lines taxed alike. `net` is without any tax."""

    tax: Tax
    net: Decimal
    first: Decimal
    second: Decimal

    @property
    def rate(self) -> Decimal:
        return self.tax.rate

    @property
    def second_base(self) -> Decimal:
        return self.net + self.first if self.tax.on_top else self.net


@dataclass(frozen=True)
class Assessed:
    """What a document comes to. `nets`: each line's part of the net total, by the line's key."""

    net: Decimal
    tax: Decimal
    groups: tuple[Group, ...]
    nets: Mapping[Any, Decimal]

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def assess(
    items: Sequence[Item], currency: str, *, inclusive: bool = False, rounding: str = TaxRounding.RATE
) -> Assessed:
    """Tax a document's lines; highest rate first. `inclusive`: the amounts have the tax in them."""
    by_tax: dict[Tax, list[Item]] = {}
    for item in items:
        by_tax.setdefault(item.tax, []).append(item)
    groups, nets = [], {}
    for mine in sorted(by_tax.values(), key=lambda mine: _order(mine[0].tax)):
        tax = _explained([item.tax for item in mine])
        work = _by_line if rounding == TaxRounding.LINE else _by_rate
        group, shares = work(tax, mine, currency, inclusive)
        groups.append(group)
        nets.update(shares)
    net = quantise(sum((group.net for group in groups), ZERO), currency)
    charged = quantise(sum((group.first + group.second for group in groups), ZERO), currency)
    return Assessed(net, charged, tuple(groups), nets)


def credited(before: Assessed, after: Assessed) -> Assessed:
    """What a credit note gives back, when notes gave back `before` until now and `after` with this one.

    Each note's tax is the difference of two roundings, so that the parts of any credit add up to the whole. The keys of both
    are the lines of the corrected invoice.
    """
    was = {group.tax: group for group in before.groups}
    groups = []
    for group in after.groups:
        old = was.get(group.tax, Group(group.tax, ZERO, ZERO, ZERO))
        rest = Group(group.tax, group.net - old.net, group.first - old.first, group.second - old.second)
        if rest.net or rest.first or rest.second:
            groups.append(rest)
    nets = {key: net - before.nets.get(key, ZERO) for key, net in after.nets.items()}
    return Assessed(after.net - before.net, after.tax - before.tax, tuple(groups), nets)


def cash_rounding(total: Decimal, step: Decimal) -> Decimal:
    """What is added to a total (or taken off it) so that it can be paid in coins of `step`; a half away from zero."""
    if step <= ZERO:
        return ZERO
    return (total / step).quantize(Decimal(1), ROUND_HALF_UP) * step - total


def _order(tax: Tax) -> tuple[Decimal, Decimal, bool, str]:
    return -tax.rate, -tax.second_rate, tax.on_top, tax.category


def _explained(taxes: Sequence[Tax]) -> Tax:
    """The tax of a group, with the codes and reasons of all its lines: EN 16931 has one of each for a group."""
    one = taxes[0]
    reasons = dict.fromkeys(chain.from_iterable([tax.reason] for tax in taxes if tax.reason))
    codes = dict.fromkeys(tax.code for tax in taxes if tax.code)
    code = next(iter(codes)) if len(codes) == 1 else VATEX.get(one.category, "")
    return Tax(one.category, one.rate, one.second_rate, one.on_top, one.name, one.second_name, code, "; ".join(reasons))


def _factor(tax: Tax) -> Decimal:
    """What a price with its taxes is, for each 1 without."""
    first, second = tax.rate / _PERCENT, tax.second_rate / _PERCENT
    return 1 + first + second * (1 + first if tax.on_top else 1)


def _taxes(net: Decimal, tax: Tax, currency: str) -> tuple[Decimal, Decimal]:
    """Both taxes on an unrounded net amount. The second is charged on the first as printed."""
    first = quantise(net * tax.rate / _PERCENT, currency)
    second = quantise((net + first if tax.on_top else net) * tax.second_rate / _PERCENT, currency)
    return first, second


def _by_rate(tax: Tax, mine: Sequence[Item], currency: str, inclusive: bool) -> tuple[Group, dict[Hashable, Decimal]]:
    printed = sum((item.amount for item in mine), ZERO)
    if not inclusive:
        net = quantise(printed, currency)
        return Group(tax, net, *_taxes(net, tax, currency)), {item.key: item.amount for item in mine}
    first, second = _taxes(printed / _factor(tax), tax, currency)
    net = quantise(printed - first - second, currency)
    return Group(tax, net, first, second), _shares(tax, mine, net, currency)


def _shares(tax: Tax, mine: Sequence[Item], net: Decimal, currency: str) -> dict[Hashable, Decimal]:
    """Each line's part of a group's net: its own price without tax, and the odd cents to the largest lines."""
    own = {item.key: quantise(item.amount / _factor(tax), currency) for item in mine}
    unit = minor_unit(currency)
    odd = int((net - sum(own.values(), ZERO)) / unit)
    largest = sorted(own, key=lambda key: -abs(own[key]))
    for index in range(abs(odd)):
        own[largest[index % len(largest)]] += unit if odd > 0 else -unit
    return own


def _by_line(tax: Tax, mine: Sequence[Item], currency: str, inclusive: bool) -> tuple[Group, dict[Hashable, Decimal]]:
    nets: dict[Hashable, Decimal] = {}
    firsts = seconds = ZERO
    for item in mine:
        first, second = _taxes(item.amount / _factor(tax) if inclusive else item.amount, tax, currency)
        nets[item.key] = quantise(item.amount - first - second, currency) if inclusive else item.amount
        firsts, seconds = firsts + first, seconds + second
    net = quantise(sum(nets.values(), ZERO), currency)
    return Group(tax, net, quantise(firsts, currency), quantise(seconds, currency)), nets
