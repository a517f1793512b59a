"""Lines of a template as tasks: pure text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_TITLE = 200
MOST_TASKS = 60
_DUE = re.compile(r"^(.*?)\s*\+(\d{1,3})d$")


@dataclass(frozen=True)
class Planned:
    """A task before there is a ticket."""

    title: str
    due_on: date | None


def planned(lines: str, opened_on: date) -> list[Planned]:
    """One task a line; "+2d" at its end is its due day, counted from the opening."""
    return [_planned(" ".join(line.split()), opened_on) for line in lines.splitlines() if line.strip()][:MOST_TASKS]


def _planned(line: str, opened_on: date) -> Planned:
    match = _DUE.fullmatch(line)
    if match and match[1]:
        return Planned(match[1][:LONGEST_TITLE], opened_on + timedelta(days=int(match[2])))
    return Planned(line[:LONGEST_TITLE], None)
