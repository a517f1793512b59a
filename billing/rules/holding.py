"""What a queried line takes out of what a client may be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from .money import ZERO


def to_ask_for(owed: Decimal, held: Iterable[Decimal]) -> Decimal:
    """What is left of what is owed once the lines on hold are taken out: never below zero, never more than is owed."""
    return max(owed - sum(held, ZERO), ZERO)


def covered_by(credit: Decimal, owed: Iterable[Decimal]) -> list[Decimal]:
    """How much of each of several amounts a client's credit covers, the first ones first."""
    found = []
    for amount in owed:
        share = min(credit, max(amount, ZERO))
        found.append(share)
        credit -= share
    return found
