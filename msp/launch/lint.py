"""`./mainstay lint`: every linter that CI runs, with its settings in pyproject.toml."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msp.launch.console import warn
from msp.launch.environment import program_environment
from msp.launch.paths import ROOT, data_directory
from msp.launch.servers import Servers, running

PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """One linter, and what to do when it complains."""

    name: str
    argv: Sequence[str | Path]
    remedy: str


def steps() -> list[Step]:
    manage: list[str | Path] = [sys.executable, "manage.py"]
    compose = ["--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    databases = [part for alias in ("default", "owner", "timers") for part in ("--database", alias)]
    return [
        Step("code", [PROGRAMS / "ruff", "check", "."], "ruff check --fix mends most of it"),
        Step("format", [PROGRAMS / "ruff", "format", "--check", "."], "ruff format writes it"),
        Step("imports", [PROGRAMS / "lint-imports", "--no-cache"], "docs/developer.md has both orders"),
        Step("types", [PROGRAMS / "mypy"], ""),
        Step("templates", [PROGRAMS / "djlint", "templates", "--lint", "--quiet"], ""),
        Step("compose file", [PROGRAMS / "check-jsonschema", *compose], ""),
        Step("migrations are complete", [*manage, "makemigrations", "--check", "--dry-run"], "manage makemigrations"),
        Step("migrations run", [*manage, "migrate", "--verbosity", "0"], ""),
        Step("system checks and walls", [*manage, "check", *databases], ""),
    ]


def lint(arguments: Sequence[str]) -> int:
    """Run every step, also after a failure; the exit code says whether one failed."""
    base = data_directory() / "lint"
    with running(Servers(base, {}, throwaway=True)) as servers:
        env = program_environment(os.environ, base, servers.urls, "http://localhost:8000")
        failed = [step for step in steps() if not passes(step, env)]
    for step in failed:
        warn(f"{step.name} failed. {step.remedy}".strip())
    return 1 if failed else 0


def passes(step: Step, env: Mapping[str, str]) -> bool:
    """Run it; show what it says only when it fails."""
    started = time.monotonic()
    done = subprocess.run(step.argv, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {step.name} ({time.monotonic() - started:.1f} s)", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0
