"""Right-sizing: how big a thing must be, and whether the offered one is much bigger. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from billing.choices import SIZED, Every, LineKind

_YEAR = {Every.ONCE: 1, Every.MONTH: 12, Every.YEAR: 1}


@dataclass(frozen=True)
class Size:
    """`base` people or devices today, growth in percent until it is replaced, and for how many the offered thing `serves`."""

    base: int
    growth_percent: Decimal
    serves: int

    @property
    def needed(self) -> int:
        """With growth, rounded up to whole people or devices; never less than one."""
        grown = Decimal(self.base) * (100 + self.growth_percent) / 100
        return max(1, int(grown.to_integral_value(ROUND_CEILING)))

    @property
    def spare_percent(self) -> int:
        """How much more it serves than is needed, rounded down; below zero it is too small."""
        return (self.serves - self.needed) * 100 // self.needed

    @property
    def is_too_small(self) -> bool:
        return self.serves < self.needed

    def is_oversize(self, spare_percent: int) -> bool:
        """Whether it serves more than the need and `spare_percent` on top, rounded up: a spare person is no oversize."""
        allowed = (Decimal(self.needed) * (100 + spare_percent) / 100).to_integral_value(ROUND_CEILING)
        return self.serves > allowed


def weight(amount: Decimal, every: str) -> Decimal:
    """What a line comes to in its first year, before tax: what limits look at."""
    return amount * _YEAR[Every(every)]


def needs_evidence(kind: str, amount: Decimal, every: str, limit: Decimal | None, same_currency: bool) -> bool:
    """Whether a line needs its sheet. In another currency than the shop's the limit says nothing, so it always does."""
    if limit is None or LineKind(kind) not in SIZED or amount <= 0:
        return False
    return not same_currency or weight(amount, every) >= limit
