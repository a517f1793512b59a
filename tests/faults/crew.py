"""Workers that are killed without warning, on servers of the test's own."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg2
from redis import Redis

from msp.launch.paths import ROOT
from msp.launch.processes import spawn
from tests.plugin_services import OwnServices

PROCESSES = 2  # of one worker
LEASE, SWEEP_AFTER = "6", "3"  # seconds, so that a test need not wait two minutes for a killed worker's rows


class Crew:
    """Celery workers and a scheduler beside an `OwnServices`. Everything random comes from `seed`, which is printed."""

    def __init__(self, own: OwnServices, folder: Path, seed: int, env: Mapping[str, str]) -> None:
        print(f"seed {seed}")  # noqa: T201  to run it again
        self.own, self.folder, self.dice = own, folder, random.Random(seed)  # noqa: S311
        own.env.update({"MAINSTAY_LEASE": LEASE, "MAINSTAY_SWEEP_AFTER": SWEEP_AFTER, **env})
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.killed = 0

    def hire(self, number: int = 1) -> None:
        """Start workers."""
        for _ in range(number):
            name = f"{len(self.workers) + self.killed}@crew"
            self.workers.append(self._start("worker", "-c", str(PROCESSES), "-n", name, "--without-mingle"))

    def schedule(self) -> None:
        """Start the scheduler."""
        self.scheduler = self._start("beat", "-s", str(self.folder / "beat"))

    def _start(self, *what: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "celery", "-A", "msp", *what, "-l", "WARNING"]
        with (self.folder / f"{what[0]}.log").open("ab") as log:
            return spawn(argv, signal.SIGTERM, cwd=ROOT, env=self.own.env, output=log)

    def kill_one(self) -> None:
        """End a worker with all its processes, as a power cut would, and start another."""
        worker = self.workers.pop(self.dice.randrange(len(self.workers)))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.killed += 1
        self.hire()

    def flush(self) -> None:
        """Make Redis forget everything."""
        with Redis.from_url(self.own.env["REDIS_URL"]) as redis:
            redis.flushall()

    def dismiss(self) -> None:
        """End every process that we started."""
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.workers, self.scheduler = [], None

    def run(self, code: str) -> str:
        """Run Python in a process of the product."""
        return self.own.manage("shell", "--no-imports", "-c", code)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Rows, as the owner role sees them over all shops."""
        with psycopg2.connect(self.own.env["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall()

    def wait_for(self, holds: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if holds():
                return True
            time.sleep(0.2)
        return holds()

    def wreak(self, holds: Callable[[], bool], *, kills: int, flushes: int) -> None:
        """Kill workers and flush Redis at random moments, until all that is done or `holds`."""
        blows = ["kill"] * kills + ["flush"] * flushes
        self.dice.shuffle(blows)
        for blow in blows:
            time.sleep(self.dice.uniform(0.3, 2.0))
            if holds():
                return
            self.kill_one() if blow == "kill" else self.flush()
