"""Worked minutes as billed minutes. Raw minutes stay what they are; this derives what is charged from them."""

from __future__ import annotations

from dataclasses import dataclass

from billing.choices import RoundedPer, Rounding


@dataclass(frozen=True)
class RoundingRule:
    """`step` and `minimum` in minutes. One minute to the nearest changes nothing."""

    step: int = 1
    how: str = Rounding.NEAREST
    per: str = RoundedPer.ENTRY
    minimum: int = 0

    def __post_init__(self) -> None:
        if self.step < 1 or self.minimum < 0:
            raise ValueError(f"no rounding: {self}")

    def billed(self, minutes: int) -> int:
        """What is billed for so many worked minutes: to whole steps (a half up), and at least the minimum.

        Work never rounds to nothing: what would, is one step.
        """
        if minutes <= 0:
            return 0
        half = self.step - 1 if self.how == Rounding.UP else self.step // 2
        steps = max((minutes + half) // self.step, 1)
        return max(steps * self.step, self.minimum)

    @property
    def name(self) -> str:
        """The rule as it is kept with each line, so that old lines explain themselves."""
        if self.step == 1 and self.minimum == 0:
            return "minutes/1"
        least = f"-min{self.minimum}" if self.minimum else ""
        return f"{self.how}{self.step}-per-{self.per}{least}/1"


def shared(billed: int, raw: list[int], dearness: list[int]) -> list[int]:
    """Billed minutes of several pieces of one visit, in the pieces' order; the sum is `billed`.

    Each piece keeps its raw minutes. What rounding adds goes to the cheapest piece, what it takes off comes from the dearest
    ones first: of two ways to read a rule the client's is taken. `dearness` orders the pieces; of equals the first.
    """
    parts = list(raw)
    more = billed - sum(raw)
    if more >= 0:
        parts[dearness.index(min(dearness))] += more
        return parts
    for place in sorted(range(len(raw)), key=lambda each: -dearness[each]):
        taken = min(parts[place], -more)
        parts[place] -= taken
        more += taken
    return parts
