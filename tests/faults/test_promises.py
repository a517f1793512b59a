"""A small slice of `./mainstay bench promises`: workers are killed in the middle of sweeps, and nothing fires twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from msp.launch.paths import ROOT
from tests.plugin_services import OwnServices


def test_nothing_fires_twice_while_workers_are_killed(
    own_services: OwnServices, scale: Callable[[int, int], int]
) -> None:
    sizes = {"open": scale(2_000, 1_000_000), "due": scale(600, 10_000), "shops": scale(4, 50)}
    crew = {"workers": scale(2, 4), "kills": scale(2, 12)}
    arguments = [f"--{name}={number}" for name, number in (sizes | crew).items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "promises", *arguments],
        cwd=ROOT, env=own_services.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(done.stdout)  # noqa: T201  figures
    assert done.returncode == 0, done.stdout + done.stderr
