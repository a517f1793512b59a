"""What is said: scenarios and phrases from the data files, filled in with people, rooms and programs."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Scenario:
    """One kind of request. Each text is a list to choose from; `minutes` is the least and the most that it takes."""

    key: str
    subject: list[str]
    opening: list[str]
    minutes: list[int]
    fix: list[str]
    work: list[str]
    ack: list[str] = field(default_factory=list)
    question: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    supplier: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    asset: str = ""
    place: str = "remote"
    priority: int = 3
    billable: bool = True
    by_us: bool = False


@dataclass(frozen=True)
class Words:
    """Chooses among texts and fills in their blanks, the same each time for the same seed."""

    random: random.Random
    blanks: Mapping[str, str]

    def say(self, texts: Sequence[str], **more: str) -> str:
        return self.random.choice(texts).format_map({**self.blanks, **more})

    def say_nth(self, texts: Sequence[str], number: int) -> str:
        """The text that belongs to another one of the same number; the last one where there are fewer."""
        return texts[min(number, len(texts) - 1)].format_map(self.blanks)


def capitalised(blanks: Mapping[str, str]) -> dict[str, str]:
    """Each blank also as {Blank}, for the beginning of a sentence."""
    return {**blanks, **{name.capitalize(): text[:1].upper() + text[1:] for name, text in blanks.items()}}


@lru_cache(maxsize=8)
def data(name: str) -> dict[str, Any]:
    """A data file of the demo."""
    return tomllib.loads((DATA / f"{name}.toml").read_text())


@lru_cache(maxsize=1)
def scenarios() -> tuple[Scenario, ...]:
    """All scenarios, by file and then as written. Raises TypeError for a field that no scenario has."""
    files = sorted((DATA / "scenarios").glob("*.toml"))
    return tuple(
        Scenario(key=key, **fields) for file in files for key, fields in tomllib.loads(file.read_text()).items()
    )


def phrases(name: str) -> list[str]:
    """Texts that fit any conversation."""
    found: list[str] = data("phrases")[name]
    return found
