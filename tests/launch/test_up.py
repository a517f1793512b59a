"""`up` as a person meets it: it answers, mends itself, refuses to fight, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from msp.launch.paths import ROOT

# Whatever starts slowly on a busy machine; nothing here measures speed.
PATIENCE = 120.0
INHERITED = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_TIMERS_URL", "REDIS_URL", "BASE_URL", "MAINSTAY_STARTED")


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


class Running:
    """`python -m msp.launch up` with a data directory of its own."""

    def __init__(self, base: Path, port: int) -> None:
        self.base, self.port = base, port
        self.output = base.parent / f"{base.name}.output"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "msp.launch", *arguments]

    def env(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in INHERITED} | {
            "MAINSTAY_DATA": str(self.base),
            "PORT": str(self.port),
        }

    def start(self) -> str:
        """Start it and return its address once it says so."""
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


@pytest.fixture
def running(tmp_path: Path, unused_port: int) -> Iterator[Running]:
    running = Running(tmp_path / "data", unused_port)
    yield running
    if running.is_alive():
        running.send(signal.SIGTERM)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/account/login/", timeout=20) as response:
            return int(response.status)
    except OSError:
        return 0


def test_up_answers_mends_itself_and_stops(running: Running) -> None:
    url = running.start()
    assert url == f"http://localhost:{running.port}"
    assert answer(url) == 200

    second = running.run("up")
    assert (second.returncode, second.stdout) == (
        0,
        f"Mainstay runs already at {url}/ (process {running.process.pid if running.process else 0})\n",
    )
    environment = running.run("env").stdout
    assert f"export BASE_URL={url}\n" in environment
    assert "export DATABASE_URL='postgresql://mainstay_app@/mainstay?host=" in environment

    for words in ("celery -A msp.celery worker", "/postgres -D", "granian"):
        victim = running.pid_of(words)
        os.kill(victim, signal.SIGKILL)
        until(
            lambda words=words, victim=victim: any(
                words in line for pid, line in running.processes().items() if pid != victim
            ),
            words,
        )
    until(lambda: answer(url) == 200, "the page after the kills")

    assert running.send(signal.SIGINT) == 0
    assert running.processes() == {}


def test_a_killed_supervisor_leaves_nothing_and_starts_again(running: Running) -> None:
    running.start()
    assert len(running.processes()) > 5
    running.send(signal.SIGKILL)
    until(lambda: not running.processes(), "the children's end")
    url = running.start()
    assert answer(url) == 200
    assert running.send(signal.SIGTERM) == 0
    assert running.processes() == {}


@pytest.mark.deep
def test_two_runs_that_start_at_once_do_not_share_a_port(tmp_path: Path, unused_port: int) -> None:
    runs = [Running(tmp_path / name, unused_port) for name in ("one", "two")]
    try:
        assert len({run.start() for run in runs}) == 2
    finally:
        codes = [run.send(signal.SIGTERM) for run in runs]
    assert codes == [0, 0]


@pytest.mark.deep
def test_a_long_path_is_no_obstacle(tmp_path: Path, unused_port: int) -> None:
    running = Running(tmp_path / ("deep" * 20) / ("deeper" * 20), unused_port)
    running.base.parent.mkdir()
    assert answer(running.start()) == 200
    assert running.send(signal.SIGTERM) == 0


def test_part_of_a_database_of_ones_own_is_refused(running: Running) -> None:
    argv, env = running.command("up"), running.env() | {"DATABASE_URL": "postgresql://app@db/mainstay"}
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DATABASE_OWNER_URL and DATABASE_TIMERS_URL must be set too" in done.stderr


def test_a_cluster_of_another_major_version_is_refused_and_reset_removes_it(running: Running) -> None:
    data = running.base / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    refused = running.run("manage", "check")
    assert refused.returncode == 1
    assert "was made by Postgres 9" in refused.stderr
    assert "./mainstay reset" in refused.stderr
    assert running.run("reset", "--yes").returncode == 0
    assert not running.base.exists()


def test_env_without_an_instance_says_how_to_start_one(running: Running) -> None:
    done = running.run("env")
    assert (done.returncode, done.stderr) == (1, "Mainstay is not running here. Start it with ./mainstay up.\n")
