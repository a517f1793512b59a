"""Choices, sums, deposits, sizes and comparisons of quotes: pure, over many made-up quotes."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.choices import Every, LineKind, LineRole
from billing.rules import money
from billing.rules.comparing import Fate, compared
from billing.rules.quoting import (
    Offered,
    chosen,
    dearest,
    deposit,
    deposit_totals,
    fingerprint,
    flaws,
    preselection,
    span,
    sums,
)
from billing.rules.refusals import Refused
from billing.rules.sizing import Size, needs_evidence
from billing.rules.tax import Item, Tax, assess

TAXES = st.sampled_from(
    [
        *(Tax("S", Decimal(rate)) for rate in ("5.5", "7.7", "19", "20")),
        Tax("Z", Decimal(0)),
        Tax("S", Decimal(5), Decimal("9.975"), on_top=False),
        Tax("S", Decimal(5), Decimal("9.975"), on_top=True),
    ]
)
AMOUNTS = st.decimals(Decimal(-500), Decimal(9_999), places=2)


@st.composite
def quotes(draw: st.DrawFn) -> list[Offered]:
    """Required and optional lines, and up to two groups of alternatives with one of each preselected."""
    lines: list[Offered] = []

    def add(role: str, group: str, preselected: bool) -> None:
        every = draw(st.sampled_from(list(Every)))
        key = UUID(int=len(lines) + 1)
        lines.append(Offered(key, role, group, preselected, every, draw(AMOUNTS), draw(TAXES), f"line {key.int}"))

    for _n in range(draw(st.integers(1, 4))):
        add(LineRole.REQUIRED, "", True)
    for _n in range(draw(st.integers(0, 3))):
        add(LineRole.OPTIONAL, "", draw(st.booleans()))
    for group in ("Backup", "Server")[: draw(st.integers(0, 2))]:
        size = draw(st.integers(2, 3))
        first = draw(st.integers(0, size - 1))
        for n in range(size):
            add(LineRole.ALTERNATIVE, group, n == first)
    return lines


def every_choice(lines: list[Offered]) -> list[set[UUID]]:
    """All that a client may pick."""
    optional = [line.key for line in lines if line.role == LineRole.OPTIONAL]
    groups: dict[str, list[UUID]] = {}
    for line in lines:
        if line.role == LineRole.ALTERNATIVE:
            groups.setdefault(line.group, []).append(line.key)
    return [
        {key for key, yes in zip(optional, taken, strict=True) if yes} | set(one_each)
        for taken in product([False, True], repeat=len(optional))
        for one_each in product(*groups.values())
    ]


@given(quotes())
def test_every_choice_adds_up_and_stays_within_what_was_said(lines: list[Offered]) -> None:
    assert flaws(lines) == []
    within, most = span(lines), sums(dearest(lines), "EUR").first_year
    totals = [sums(chosen(lines, picked), "EUR") for picked in every_choice(lines)]
    for found in totals:
        assert within.least <= found.once.net <= within.most
        assert found.first_year <= most
        for each in (found.once, found.monthly, found.yearly):
            assert each.total == each.net + each.tax
    assert min(found.once.net for found in totals) == within.least
    assert max(found.once.net for found in totals) == within.most
    preselected = {line.key for line in preselection(lines)}
    assert {line.key for line in chosen(lines, preselected)} == preselected


@given(quotes(), st.integers(1, 100), st.sampled_from(["EUR", "JPY"]))
def test_a_deposit_is_its_part_to_the_cent_and_the_rest_completes_it(
    lines: list[Offered], percent: int, currency: str
) -> None:
    rounded = [
        Offered(x.key, x.role, x.group, x.preselected, x.every, money.quantise(x.amount, currency), x.tax)
        for x in lines
    ]
    once = sums(preselection(rounded), currency).once
    parts = deposit(once, Decimal(percent), currency)
    if once.net <= 0:
        assert parts == []
        return
    taken = sum((amount for amount, _tax in parts), Decimal(0))
    assert taken == money.quantise(once.net * percent / 100, currency)
    assert all(money.is_exact(amount, currency) for amount, _tax in parts)
    both = [*((group.net, group.tax) for group in once.groups), *((-amount, tax) for amount, tax in parts)]
    rest = assess([Item(key, amount, tax) for key, (amount, tax) in enumerate(both)], currency)
    assert rest.net + taken == once.net
    whole = deposit_totals(once, Decimal(100), currency)
    assert whole is not None
    assert (whole.net, whole.tax) == (once.net, once.tax)


def line(n: int, role: str = "required", group: str = "", amount: str = "10", every: str = "once") -> Offered:
    return Offered(
        UUID(int=n), role, group, n == 1 or role == "required", every, Decimal(amount), Tax("S", Decimal(20))
    )


def test_what_is_not_offered_or_not_one_of_each_is_refused() -> None:
    lines = [line(9), line(1, "alternative", "Backup"), line(2, "alternative", "Backup"), line(3, "optional")]
    for picked, why in (
        ({UUID(int=77), UUID(int=1)}, "not offered"),
        (set(), "Choose one of “Backup”"),
        ({UUID(int=1), UUID(int=2)}, "Choose one of “Backup”"),
    ):
        with pytest.raises(Refused, match=why):
            chosen(lines, picked)
    assert [x.key.int for x in chosen(lines, {UUID(int=2)})] == [9, 2]
    assert flaws([]) == ["It has no lines."]
    alone = line(5, "alternative", "Roof")
    assert flaws([alone]) == ["“Roof” offers only one thing to choose from.", "Preselect one of “Roof”."]


@pytest.mark.parametrize(
    ("base", "growth", "serves", "needed", "spare", "oversize"),
    [
        (12, "0", 12, 12, 0, False),
        (12, "25", 15, 15, 0, False),
        (12, "20", 18, 15, 20, False),
        (12, "20", 19, 15, 26, False),  # a quarter on top, rounded up
        (12, "20", 20, 15, 33, True),
        (40, "10", 30, 44, -32, False),
        (0, "0", 1, 1, 0, False),
        (1, "0", 2, 1, 100, False),  # one spare licence is no oversize
        (1, "0", 3, 1, 200, True),
    ],
)
def test_a_size_is_held_against_the_need(  # noqa: PLR0917  one column each
    base: int, growth: str, serves: int, needed: int, spare: int, oversize: bool
) -> None:
    size = Size(base, Decimal(growth), serves)
    assert (size.needed, size.spare_percent, size.is_oversize(25)) == (needed, spare, oversize)
    assert size.is_too_small == (spare < 0)


@pytest.mark.parametrize(
    ("kind", "amount", "every", "limit", "same", "needed"),
    [
        (LineKind.HARDWARE, "999.99", Every.ONCE, "1000", True, False),
        (LineKind.HARDWARE, "1000", Every.ONCE, "1000", True, True),
        (LineKind.LICENCE, "90", Every.MONTH, "1000", True, True),
        (LineKind.LICENCE, "90", Every.YEAR, "1000", True, False),
        (LineKind.SERVICE, "9000", Every.ONCE, "1000", True, False),
        (LineKind.HARDWARE, "5", Every.ONCE, "1000", False, True),
        (LineKind.HARDWARE, "5000", Every.ONCE, None, True, False),
        (LineKind.HARDWARE, "-2000", Every.ONCE, "1000", True, False),
    ],
)
def test_evidence_is_asked_from_a_years_worth_on(  # noqa: PLR0917  one column each
    kind: str, amount: str, every: str, limit: str | None, same: bool, needed: bool
) -> None:
    assert needs_evidence(kind, Decimal(amount), every, Decimal(limit) if limit else None, same) == needed


def test_lines_are_compared_by_their_thread() -> None:
    before = {"a": {"price": 1, "text": "x"}, "b": {"price": 2, "text": "y"}, "c": {"price": 3, "text": "z"}}
    after = {"d": {"price": 4, "text": "w"}, "b": {"price": 5, "text": "y"}, "a": {"price": 1, "text": "x"}}
    assert compared(before, after) == [
        ("d", Fate.ADDED, ()),
        ("b", Fate.CHANGED, ("price",)),
        ("a", Fate.SAME, ()),
        ("c", Fate.REMOVED, ()),
    ]


def test_a_fingerprint_follows_the_words_and_not_the_order_of_keys() -> None:
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert fingerprint([{"a": "1"}]) != fingerprint([{"a": "1 "}])
    assert len(fingerprint({})) == 64
