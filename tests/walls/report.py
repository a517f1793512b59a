"""The walls test's table, printed after the tests: who asked about whose objects how often, and what leaked.

A plugin, because under xdist only reports travel from the workers to the terminal.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.walls.walk import Tally

PROPERTY = "walls"
COLUMNS = ("no object", "own", "colleague's", "own but internal", "other client's", "other shop's", "somebody's")


def keep(record_property: Any, lock: str, tally: Tally) -> None:
    """Hand a walk's tally to the summary."""
    cells = [[*cell, calls, tally.leaks[cell]] for cell, calls in tally.cells.items()]
    # As text: xdist carries plain types only, and a role or route may be a subclass of str.
    record_property(PROPERTY, json.dumps({"lock": lock, "routes": sorted(tally.routes), "cells": cells}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, [])]
    properties = [each for report in reports for each in getattr(report, "user_properties", ())]
    kept = [json.loads(value) for name, value in properties if name == PROPERTY]
    if not kept:
        return
    routes = {route for each in kept for route in each["routes"]}
    terminalreporter.section(f"walls: {len(routes)} routes")
    for lock in dict.fromkeys(each["lock"] for each in kept):
        _table(terminalreporter, lock, [cell for each in kept if each["lock"] == lock for cell in each["cells"]])


def _table(terminal: pytest.TerminalReporter, lock: str, cells: list[list[Any]]) -> None:
    calls: Counter[tuple[str, str]] = Counter()
    leaks: Counter[tuple[str, str]] = Counter()
    for role, relation, number, leaked in cells:
        calls[role, relation] += number
        leaks[role, relation] += leaked
    terminal.write_line(f"{lock}: {calls.total():,} calls, {leaks.total()} leaks")
    columns = [name for name in COLUMNS if any(relation == name for _role, relation in calls)]
    terminal.write_line(f"  {'calls/leaks':<24}" + "".join(f"{name:>18}" for name in columns))
    for role in dict.fromkeys(role for role, _relation in calls):
        row = [f"{calls[role, name]}/{leaks[role, name]}" if calls[role, name] else "" for name in columns]
        terminal.write_line(f"  {role:<24}" + "".join(f"{text:>18}" for text in row))
