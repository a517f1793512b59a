"""What is printed multiplies out and adds up, for any amounts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import money
from billing.rules.tax import Assessed, Item, Tax, assess

CURRENCIES = st.sampled_from(["GBP", "EUR", "JPY", "BHD"])
RATES = st.sampled_from([Decimal(r) for r in ("0", "5", "5.5", "7.7", "8.1", "19", "20", "25")])
QUANTITIES = st.decimals(Decimal("0.01"), Decimal(10_000), places=2)


def prices(currency: str) -> st.SearchStrategy[Decimal]:
    places = -int(money.minor_unit(currency).as_tuple().exponent)
    return st.decimals(Decimal(-9_999), Decimal(99_999), places=places)


def totals(lines: list[tuple[Decimal, Decimal]], currency: str) -> Assessed:
    """Of (amount, tax rate)."""
    return assess([Item(key, amount, Tax("S", rate)) for key, (amount, rate) in enumerate(lines)], currency)


@st.composite
def invoices(draw: st.DrawFn) -> tuple[str, list[tuple[Decimal, Decimal, Decimal]]]:
    """A currency, and lines of quantity, unit price, tax rate."""
    currency = draw(CURRENCIES)
    line = st.tuples(QUANTITIES, prices(currency), RATES)
    return currency, draw(st.lists(line, max_size=12))


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [(1, "0.02"), (3, "0.05"), (10, "0.17"), (15, "0.25"), (20, "0.33"), (40, "0.67"), (60, "1.00"), (95, "1.58")],
)
def test_minutes_become_hours_with_two_decimals(minutes: int, hours: str) -> None:
    assert str(money.hours(minutes)) == hours


@given(st.integers(1, 24 * 60 * 31))
def test_hours_stay_within_eighteen_seconds_of_the_work(minutes: int) -> None:
    assert abs(money.hours(minutes) * 3600 - minutes * 60) <= 18


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "GBP", "1.01"),
        ("-1.005", "GBP", "-1.01"),
        ("1.004", "EUR", "1.00"),
        ("1234.5", "JPY", "1235"),
        ("1.0005", "BHD", "1.001"),
    ],
)
def test_rounding_is_half_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    assert str(money.quantise(Decimal(amount), currency)) == rounded


@given(invoices())
def test_what_is_printed_multiplies_out_and_adds_up(made: tuple[str, list[tuple[Decimal, Decimal, Decimal]]]) -> None:
    currency, lines = made
    printed = [(money.line_amount(quantity, price, currency), rate) for quantity, price, rate in lines]
    for (amount, _rate), (quantity, price, _tax) in zip(printed, lines, strict=True):
        assert abs(amount - quantity * price) * 2 <= money.minor_unit(currency)
        assert money.is_exact(amount, currency)
    sums = totals(printed, currency)
    assert sums.net == sum((amount for amount, _rate in printed), Decimal(0))
    assert sums.net == sum((group.net for group in sums.groups), Decimal(0))
    assert sums.tax == sum((group.first for group in sums.groups), Decimal(0))
    assert sums.total == sums.net + sums.tax
    assert money.is_exact(sums.total, currency)
    for group in sums.groups:
        assert abs(group.first - group.net * group.rate / 100) * 2 <= money.minor_unit(currency)


@given(invoices())
def test_what_is_charged_and_credited_comes_to_nothing(
    made: tuple[str, list[tuple[Decimal, Decimal, Decimal]]],
) -> None:
    currency, lines = made
    charged = [(money.line_amount(quantity, price, currency), rate) for quantity, price, rate in lines]
    credited = [(money.line_amount(quantity, -price, currency), rate) for quantity, price, rate in lines]
    one, other = totals(charged, currency), totals(credited, currency)
    assert (one.net + other.net, one.tax + other.tax, one.total + other.total) == (0, 0, 0)


@given(invoices())
def test_the_order_of_lines_changes_nothing(made: tuple[str, list[tuple[Decimal, Decimal, Decimal]]]) -> None:
    currency, lines = made
    printed = [(money.line_amount(quantity, price, currency), rate) for quantity, price, rate in lines]
    shuffled = sorted(printed, key=lambda line: (line[1], line[0]))
    one, other = totals(printed, currency), totals(shuffled, currency)
    assert (one.net, one.tax, one.groups) == (other.net, other.tax, other.groups)
