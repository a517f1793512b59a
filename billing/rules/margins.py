"""What is earned on a part, in percent of its price, and whether that lies in the shop's band."""

from __future__ import annotations

from decimal import Decimal

from .money import ZERO

_PERCENT = 100
_STEP = Decimal("0.1")


def margin(cost: Decimal, price: Decimal) -> Decimal | None:
    """Percent of the price that is not cost; negative below cost. None where nothing is charged."""
    return None if price == ZERO else ((price - cost) * _PERCENT / price).quantize(_STEP)


def is_outside(cost: Decimal, price: Decimal, least: Decimal | None, most: Decimal | None) -> bool:
    """Whether somebody must agree to the price. What costs something and is given away lies below every band."""
    if price == ZERO:
        return least is not None and cost > ZERO
    exact = (price - cost) * _PERCENT / price
    return (least is not None and exact < least) or (most is not None and exact > most)
