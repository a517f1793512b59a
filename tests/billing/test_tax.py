"""Tax allocates to the cent, and what is given back in parts comes to what was charged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.choices import TaxRounding
from billing.rules import money
from billing.rules.crediting import part_of
from billing.rules.tax import Assessed, DatedTax, Item, Tax, assess, cash_rounding, category_of, credited, tax_on
from billing.rules.terms import OwnTerms, ShopDefaults, combined

D = Decimal
CURRENCIES = st.sampled_from(["GBP", "EUR", "JPY", "BHD"])
TAXES = st.sampled_from(
    [
        Tax("S", D("20")),
        Tax("S", D("19")),
        Tax("S", D("8.1")),
        Tax("S", D("8.875")),
        Tax("S", D("5"), D("9.975")),
        Tax("S", D("5"), D("9.975"), on_top=True),
        Tax("Z", D(0)),
        Tax("E", D(0), reason="Article 132"),
        Tax("AE", D(0)),
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[Item], str, bool, str]:
    """Lines, currency, whether prices include the tax, and how tax is rounded."""
    currency = draw(CURRENCIES)
    places = -int(money.minor_unit(currency).as_tuple().exponent)
    price = st.decimals(D(-9_999), D(99_999), places=places)
    line = st.tuples(st.decimals(D("0.01"), D(10_000), places=2), price, TAXES)
    lines = draw(st.lists(line, max_size=12))
    items = [Item(index, money.line_amount(q, p, currency), tax) for index, (q, p, tax) in enumerate(lines)]
    return items, currency, draw(st.booleans()), draw(st.sampled_from(sorted(TaxRounding)))


def check_adds_up(items: list[Item], currency: str, inclusive: bool, rounding: str) -> None:
    sums = assess(items, currency, inclusive=inclusive, rounding=rounding)
    printed = sum((item.amount for item in items), D(0))
    unit = money.minor_unit(currency)
    assert sums.net + sums.tax == sums.total
    assert (sums.total if inclusive else sums.net) == printed
    assert sum(sums.nets.values(), D(0)) == sums.net == sum((group.net for group in sums.groups), D(0))
    assert sums.tax == sum((group.first + group.second for group in sums.groups), D(0))
    parts = [sums.net, sums.tax, *sums.nets.values(), *(group.first for group in sums.groups)]
    assert all(money.is_exact(part, currency) for part in parts)
    for group in sums.groups:
        lines = len([item for item in items if item.tax == group.tax])
        most = (lines if rounding == TaxRounding.LINE else 1) * (3 if inclusive else 1)  # its net is rounded, too
        assert abs(group.first - group.net * group.rate / 100) * 2 <= unit * most
        assert abs(group.second - group.second_base * group.tax.second_rate / 100) * 2 <= unit * most
    shuffled = assess(items[::-1], currency, inclusive=inclusive, rounding=rounding)
    assert (shuffled.net, shuffled.tax, shuffled.groups) == (sums.net, sums.tax, sums.groups)


def test_lines_add_up_and_tax_is_allocated_to_the_cent(scale: Callable[[int, int], int]) -> None:
    @settings(max_examples=scale(150, 20_000), deadline=None)
    @given(documents())
    def adds_up(made: tuple[list[Item], str, bool, str]) -> None:
        check_adds_up(*made)

    adds_up()


def cut(items: list[Item], currency: str, fractions: list[Decimal]) -> list[list[Item]]:
    """The lines in as many parts as there are fractions and one more, which is the rest."""
    left = {item.key: item.amount for item in items}
    parts = []
    for fraction in fractions:
        part = [replace(item, amount=money.quantise(left[item.key] * fraction, currency)) for item in items]
        for item in part:
            left[item.key] -= item.amount
        parts.append([item for item in part if item.amount])
    return [*parts, [replace(item, amount=left[item.key]) for item in items if left[item.key]]]


def test_whatever_is_credited_in_parts_comes_to_what_was_charged(scale: Callable[[int, int], int]) -> None:
    @settings(max_examples=scale(100, 20_000), deadline=None)
    @given(documents(), st.lists(st.decimals(D(0), D(1), places=2), max_size=3))
    def comes_to_nothing(made: tuple[list[Item], str, bool, str], fractions: list[Decimal]) -> None:
        items, currency, inclusive, rounding = made
        charged = assess(items, currency, inclusive=inclusive, rounding=rounding)
        before = assess([], currency)
        given_back: dict[object, Item] = {}
        net = tax = D(0)
        for part in cut(items, currency, fractions):
            for item in part:
                so_far = given_back.get(item.key, replace(item, amount=D(0)))
                given_back[item.key] = replace(item, amount=so_far.amount + item.amount)
            after = assess(list(given_back.values()), currency, inclusive=inclusive, rounding=rounding)
            note = credited(before, after)
            assert note.tax == sum((group.first + group.second for group in note.groups), D(0))
            assert note.net == sum(note.nets.values(), D(0))
            net, tax, before = net + note.net, tax + note.tax, after
        assert (net, tax) == (charged.net, charged.tax)

    comes_to_nothing()


@given(
    st.decimals(D("0.01"), D(500), places=2),
    st.decimals(D("0.01"), D(999), places=2),
    st.decimals(D(0), D(1), places=3),
)
def test_a_part_of_a_line_multiplies_out(quantity: Decimal, price: Decimal, fraction: Decimal) -> None:
    amount = money.quantise(money.line_amount(quantity, price, "EUR") * fraction, "EUR")
    part = part_of(quantity, price, amount, "EUR")
    assert money.line_amount(part.quantity, part.unit_price, "EUR") == amount


@pytest.mark.parametrize(
    ("tax", "inclusive", "rounding", "expected"),
    [
        (Tax("S", D(20)), False, "rate", "30.30 6.06 0.00"),
        (Tax("S", D(20)), False, "line", "30.30 6.06 0.00"),
        (Tax("S", D(19)), False, "rate", "30.30 5.76 0.00"),
        (Tax("S", D(19)), False, "line", "30.30 5.76 0.00"),
        (Tax("S", D("8.1")), False, "rate", "30.30 2.45 0.00"),
        (Tax("S", D("8.1")), False, "line", "30.30 2.46 0.00"),
        (Tax("S", D(20)), True, "rate", "25.25 5.05 0.00"),
        (Tax("S", D(5), D("9.975")), False, "rate", "30.30 1.52 3.02"),
        (Tax("S", D(5), D("9.975"), on_top=True), False, "rate", "30.30 1.52 3.17"),
    ],
)
def test_worked_examples(tax: Tax, inclusive: bool, rounding: str, expected: str) -> None:
    """Three lines of 10.10."""
    [group] = assess([Item(n, D("10.10"), tax) for n in range(3)], "EUR", inclusive=inclusive, rounding=rounding).groups
    assert f"{group.net} {group.first} {group.second}" == expected


def test_several_rates_stand_apart_and_reasons_are_joined() -> None:
    lines = [
        Item(1, D("100.00"), Tax("S", D("7.00"))),
        Item(2, D("50.00"), Tax("S", D(19))),
        Item(3, D("10.00"), Tax("E", D(0), code="VATEX-EU-132", reason="Article 132")),
        Item(4, D("5.00"), Tax("E", D(0), code="VATEX-EU-132", reason="Article 135")),
        Item(5, D("1.00"), Tax("S", D(7))),
    ]
    sums = assess(lines, "EUR")
    assert [(group.tax.category, group.rate, group.net, group.first) for group in sums.groups] == [
        ("S", D(19), D(50), D("9.50")),
        ("S", D(7), D(101), D("7.07")),
        ("E", D(0), D(15), D(0)),
    ]
    assert (sums.groups[2].tax.code, sums.groups[2].tax.reason) == ("VATEX-EU-132", "Article 132; Article 135")


@pytest.mark.parametrize(
    ("total", "step", "rounding"),
    [
        ("10.02", "0.05", "-0.02"),
        ("10.03", "0.05", "0.02"),
        ("10.025", "0.05", "0.025"),
        ("-10.03", "0.05", "-0.02"),
        ("9.99", "0", "0"),
        ("1234", "5", "1"),
    ],
)
def test_cash_rounding(total: str, step: str, rounding: str) -> None:
    assert cash_rounding(D(total), D(step)) == D(rounding)


def test_the_rate_of_a_day_is_the_last_that_began() -> None:
    rows = [
        DatedTax("", date(2020, 7, 1), Tax("S", D(16))),
        DatedTax("", date(2021, 1, 1), Tax("S", D(19))),
        DatedTax("Reduced", date(2020, 7, 1), Tax("S", D(5))),
    ]
    days = [date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1)]
    found = [tax_on(rows, "", day) for day in days]
    assert [tax and tax.rate for tax in found] == [None, 16, 16, 19]
    assert tax_on(rows, "Reduced", date(2030, 1, 1)) == Tax("S", D(5))


def test_the_category_follows_from_the_treatment() -> None:
    assert [category_of("standard", D(20)), category_of("standard", D(0))] == ["S", "Z"]
    others = ("zero", "exempt", "reverse_charge", "intra_community", "export", "outside")
    assert [category_of(treatment, D(0)) for treatment in others] == ["Z", "E", "AE", "K", "G", "O"]


def test_a_shop_whose_usual_tax_is_an_exemption_says_why_on_every_invoice() -> None:
    small = Tax("E", D(0), reason="Small business, § 19 UStG")
    shop = ShopDefaults("EUR", D(90), "USt", None, 14, usual_tax=small)
    terms = combined(shop, OwnTerms(), "EUR")
    assert (terms.tax_treatment, terms.tax_rate, terms.tax_reason) == ("exempt", 0, "Small business, § 19 UStG")
    own = combined(shop, OwnTerms(tax_treatment="reverse_charge", tax_reason="Art. 196"), "EUR")
    assert (own.tax_treatment, own.tax_reason) == ("reverse_charge", "Art. 196")


def test_nothing_comes_to_nothing() -> None:
    assert assess([], "EUR") == Assessed(D("0.00"), D("0.00"), (), {})
