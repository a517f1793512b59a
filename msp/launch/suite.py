"""`./mainstay test`: pytest with our defaults. The servers are started by tests/plugin_services.py, so that a bare
`pytest` in the virtual environment works the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from msp.launch.paths import ROOT


def pytest_arguments(given: Sequence[str], cores: int) -> list[str]:
    """Add what the arguments leave open: parallel unless single files are meant, coverage for the whole suite."""
    paths = [part for part in given if not part.startswith("-") and (ROOT / part.split("::")[0]).exists()]
    chosen = list(given)
    files_only = bool(paths) and all(".py" in path for path in paths)
    if not files_only and not any(part.startswith(("-n", "--numprocesses")) for part in given):
        # One more than cores: tests in the browser and of whole products wait for others most of their time.
        chosen += ["-n", str(cores + 1), "--dist", "worksteal"]
    selects = bool(paths) or any(part in ("-k", "-m", "--lf", "--last-failed") for part in given)
    if not selects and "--coverage" not in given:
        chosen += ["--coverage"]
    return chosen


def run_tests(arguments: Sequence[str]) -> int:
    """Replace this process by pytest."""
    given = [part for part in arguments if part != "--deep"]
    if len(given) != len(arguments):
        os.environ["MAINSTAY_DEEP"] = "1"
    command = [sys.executable, "-m", "pytest", *pytest_arguments(given, os.cpu_count() or 1)]
    os.execv(sys.executable, command)
