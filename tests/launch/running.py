"""`up` in a process of its own, as a person starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from msp.launch.paths import ROOT
from msp.launch.postgres import Postgres
from tests.prepared import install, install_static

# Whatever starts slowly on a busy machine; nothing here measures speed.
PATIENCE = 240.0
INHERITED = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_TIMERS_URL", "REDIS_URL", "BASE_URL", "MAINSTAY_STARTED")


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


class Running:
    """`python -m msp.launch up` with a data directory of its own, and a prepared database and static files unless `from_nothing`."""

    from_nothing = False

    def __init__(self, base: Path, port: int, extra: Mapping[str, str] | None = None) -> None:
        self.base, self.port, self.extra = base, port, extra or {}
        self.output = base.parent / f"{base.name}.output"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "msp.launch", *arguments]

    def env(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in INHERITED} | {
            "MAINSTAY_DATA": str(self.base),
            "PORT": str(self.port),
            **self.extra,
        }

    def start(self) -> str:
        """Start it and return its address once it says so."""
        if not self.from_nothing and not self.base.exists():
            install(Postgres(self.base))
            install_static(self.base)
        with self.output.open("wb") as output:
            argv = self.command("up", "--no-demo")
            self.process = subprocess.Popen(argv, cwd=ROOT, env=self.env(), stdout=output, stderr=subprocess.STDOUT)
        until(lambda: "Mainstay runs at" in self.said() or not self.is_alive(), "up")
        found = re.search(r"Mainstay runs at (\S+)/ ", self.said())
        assert found, self.said()
        return found[1]

    def said(self) -> str:
        return self.output.read_text()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = self.command(*arguments)
        return subprocess.run(argv, cwd=ROOT, env=self.env(), capture_output=True, text=True, check=False)

    def processes(self) -> dict[int, str]:
        """Whatever runs for this data directory: pid → command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(self.base) in line or f"MAINSTAY_DATA={self.base}\0" in environment:
                found[int(entry.name)] = line
        return found

    def pid_of(self, words: str) -> int:
        """The oldest process whose command line has `words`: the parent, not its workers."""
        return min(pid for pid, line in self.processes().items() if words in line)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
