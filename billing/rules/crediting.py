"""How a part of a line is printed on a credit note, so that it multiplies out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .money import QUANTITY_STEP, line_amount


@dataclass(frozen=True)
class Part:
    """`is_whole`: all of the line. `is_counted`: in the line's own unit; else it is one sum."""

    quantity: Decimal
    unit_price: Decimal
    is_whole: bool = False
    is_counted: bool = True


def part_of(quantity: Decimal, unit_price: Decimal, amount: Decimal, currency: str) -> Part:
    """The quantity of a line that comes to `amount` at its price; one sum where no quantity does."""
    if amount == line_amount(quantity, unit_price, currency):
        return Part(quantity, unit_price, is_whole=True)
    if unit_price:
        some = (amount / unit_price).quantize(QUANTITY_STEP, ROUND_HALF_UP)
        if some and line_amount(some, unit_price, currency) == amount:
            return Part(some, unit_price)
    return Part(Decimal(1), amount, is_counted=False)
