"""The coverage figure of a whole run, counted by SlipCover: docs/decisions says why not by tracing.

Loaded before anything of ours is imported, because code is marked when it is imported. Each xdist worker leaves what it saw in
a directory that the controller made; the controller prints the sum.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
import slipcover

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [str(ROOT / each) for each in ("msp", "clients", "tickets", "billing", "backups") if (ROOT / each).exists()]
OMIT = ["*/migrations/*"]
# Not run by the tests' processes, or not run at all.
EXCLUDED = ["if TYPE_CHECKING:", "raise NotImplementedError"]
KEPT_IN = "MAINSTAY_COVERAGE"
WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def started() -> slipcover.Slipcover | None:
    if "--coverage" not in sys.argv and KEPT_IN not in os.environ:
        return None
    if not WORKER:
        os.environ[KEPT_IN] = tempfile.mkdtemp(prefix="mainstay-coverage-")
    # Only the controller looks for files that nobody imported.
    source = None if WORKER else SOURCES
    counter = slipcover.Slipcover(branch=True, source=source, omit=OMIT, exclude_also=EXCLUDED)
    slipcover.ImportManager(counter, slipcover.FileMatcher(sources=SOURCES, omit=OMIT)).__enter__()
    return counter


counter = started()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--coverage", action="store_true", help="print how much of the product's code the tests ran")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    if counter is not None and WORKER:
        (Path(os.environ[KEPT_IN]) / f"{WORKER}.json").write_text(json.dumps(counter.get_coverage()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if counter is None or WORKER:
        return
    found = counter.get_coverage()
    for each in sorted(Path(os.environ[KEPT_IN]).glob("*.json")):
        slipcover.merge_coverage(found, _with_pairs(json.loads(each.read_text())))
    terminalreporter.section("coverage")
    for name, file in sorted(found["files"].items()):
        if file["missing_lines"]:
            terminalreporter.write_line(_line(name, file["summary"]))
    terminalreporter.write_line(_line("TOTAL", found["summary"]))


def _with_pairs(found: dict) -> dict:  # type: ignore[type-arg]
    """JSON has no tuples, and branches are told by them."""
    for file in found["files"].values():
        for key in ("executed_branches", "missing_branches"):
            file[key] = [tuple(each) for each in file[key]]
    return found


def _line(name: str, summary: dict) -> str:  # type: ignore[type-arg]
    missing, percent = summary["missing_lines"], summary["percent_covered"]
    return f"{name:<60} {missing:>6} lines {summary['missing_branches']:>6} branches missing {percent:>6.1f} %"
