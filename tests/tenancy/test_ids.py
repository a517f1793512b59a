from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp.tenancy.ids import ids_from, new_id, new_tenant_id, uuid7


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_uuid7_keeps_time_version_and_variant(milliseconds: int, randomness: int) -> None:
    made = uuid7(milliseconds, randomness)
    assert (made.int >> 80, made.version, made.variant) == (milliseconds, 7, "specified in RFC 4122")


@given(st.lists(st.tuples(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1)), unique=True, min_size=2))
def test_uuid7_sorts_by_time_and_never_collides(parts: list[tuple[int, int]]) -> None:
    assert [uuid7(*part) for part in sorted(parts)] == sorted({uuid7(*part) for part in parts})


@pytest.mark.parametrize("parts", [(-1, 0), (2**48, 0), (0, 2**74), (0, -1)])
def test_uuid7_refuses_what_does_not_fit(parts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must fit"):
        uuid7(*parts)


def test_a_demo_brings_its_own_ids() -> None:
    wanted = UUID(int=7)
    with ids_from(lambda: wanted):
        assert new_id() == wanted
    assert new_id() != wanted


def test_tenant_ids_are_exact_in_javascript() -> None:
    assert all(0 < new_tenant_id() < 2**53 for _ in range(1000))
