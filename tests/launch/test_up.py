"""`up` as a person meets it: it answers, mends itself, refuses to fight, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from msp.launch.paths import ROOT

from .running import Running, until, unused_port


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "data", unused_port())
    yield running
    if running.is_alive():
        running.send(signal.SIGTERM)


def answer(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/account/login/", timeout=20) as response:
            return int(response.status)
    except OSError:
        return 0


def test_up_answers_mends_itself_and_stops(running: Running) -> None:
    running.from_nothing = True
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
    assert "The database is as this version left it" in running.said()
    assert answer(url) == 200
    assert running.send(signal.SIGTERM) == 0
    assert running.processes() == {}


@pytest.mark.deep
def test_two_runs_that_start_at_once_do_not_share_a_port(tmp_path: Path) -> None:
    port = unused_port()
    runs = [Running(tmp_path / name, port) for name in ("one", "two")]
    try:
        assert len({run.start() for run in runs}) == 2
    finally:
        codes = [run.send(signal.SIGTERM) for run in runs]
    assert codes == [0, 0]


@pytest.mark.deep
def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    running = Running(tmp_path / ("deep" * 20) / ("deeper" * 20), unused_port())
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
