"""The one place where money is rounded.

The rule, in order, so that what is printed multiplies out and adds up on any pocket calculator:

1. A line's quantity has two decimals. Minutes become hours rounded to the nearest hundredth (18 seconds at most either way), a
   half up; so the printed quantity is the billed quantity.
2. A line's amount is quantity times unit price, rounded to the currency's minor unit, a half away from zero.
3. The net total is the sum of the printed amounts. Nothing is rounded there.
4. Tax (rules/tax.py) is worked out once per rate, on that rate's net sum, and rounded as in 2, or on every line where the shop
   says so. The total is net plus tax.

Half away from zero is symmetric: what was charged and then credited in full comes to exactly nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

ZERO = Decimal(0)
QUANTITY_STEP = Decimal("0.01")
_MINUTES_IN_HOUR = 60


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency (ISO 4217): 0.01 for GBP, 1 for JPY, 0.001 for BHD."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def quantise(amount: Decimal, currency: str) -> Decimal:
    """An amount in whole minor units, a half away from zero."""
    return amount.quantize(minor_unit(currency), ROUND_HALF_UP) + ZERO  # never minus nothing


def is_exact(amount: Decimal, currency: str) -> bool:
    """Whether an amount can be paid: no fraction of a minor unit."""
    return amount == quantise(amount, currency)


def hours(minutes: int) -> Decimal:
    """Worked minutes as the quantity that is billed: hours with two decimals."""
    return (Decimal(minutes) / _MINUTES_IN_HOUR).quantize(QUANTITY_STEP, ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit_price: Decimal, currency: str) -> Decimal:
    """What a line comes to, before tax."""
    return quantise(quantity * unit_price, currency)


@dataclass(frozen=True)
class TaxGroup:
    """All lines taxed at one rate. `rate` in percent."""

    rate: Decimal
    net: Decimal
    tax: Decimal
