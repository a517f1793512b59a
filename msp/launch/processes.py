"""Child processes that never outlive the one who started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from msp.launch.console import LaunchError

PR_SET_PDEATHSIG = 1
HEALTHY_AFTER = 60.0
LONGEST_BACKOFF = 30.0
LARGEST_LOG = 10 * 1024 * 1024


@dataclass(frozen=True)
class Credentials:
    """Another user to run as."""

    uid: int
    gid: int


def make_private(directory: Path, owner: Credentials | None = None) -> None:
    """Make a directory that only `owner` (default: this user) can enter; refuse one that somebody else made."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid not in {os.geteuid(), owner.uid if owner else None}:
        raise LaunchError(f"{directory} belongs to somebody else. Set MAINSTAY_DATA to a directory of your own.")
    directory.chmod(0o700)
    if owner:
        os.chown(directory, owner.uid, owner.gid)


def spawn(
    argv: Sequence[str],
    death: signal.Signals,
    *,
    cwd: str | Path = "/",
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    credentials: Credentials | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that gets the signal `death` when we die, even by kill -9.

    The session keeps the terminal's Ctrl-C from it: that reaches us alone, and we stop our children in order.
    Without `output` it writes to our own.
    """
    return subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        user=credentials.uid if credentials else None,
        group=credentials.gid if credentials else None,
        extra_groups=[] if credentials else None,
        start_new_session=True,
        preexec_fn=die_with_parent(death),  # noqa: PLW1509  the launcher has no threads
    )


def die_with_parent(death: signal.Signals) -> Callable[[], None] | None:
    """Return a preexec function for `spawn`. Linux only: elsewhere only an orderly stop ends the children."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(death))
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return arrange


class Program(ABC):
    """A long-running child with its log. Subclasses say how to start it; `start` may be called again after an end."""

    stop_signal = signal.SIGTERM
    stop_seconds = 20.0

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def start(self) -> None:
        """Start it; raises LaunchError when that cannot work."""

    def launch(
        self,
        argv: Sequence[str],
        *,
        cwd: str | Path = "/",
        env: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
    ) -> int:
        """Spawn it with its output in the log; return where in the log this run begins."""
        self.sweep()
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            begin = output.tell()
            self.process = spawn(argv, self.stop_signal, cwd=cwd, env=env, output=output, credentials=credentials)
        return begin

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll() if self.process else 0

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def wait_or_kill(self, seconds: float) -> None:
        """Wait until it has ended; after `seconds` end it and what it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.sweep()
        self.process.wait()

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_or_kill(self.stop_seconds)

    def kill(self) -> None:
        """End it as a crash would."""
        self.wait_or_kill(0)

    def restart(self) -> None:
        self.stop()
        self.start()

    def directories(self) -> set[Path]:
        """Where its files are."""
        return set()

    def remove(self) -> None:
        """Delete its files."""
        for directory in self.directories():
            shutil.rmtree(directory, ignore_errors=True)

    def sweep(self) -> None:
        """Kill what is left of its session: a server that was killed leaves its own workers behind."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Command(Program):
    """A program of ours that is ready as soon as it is started: web, worker, scheduler."""

    def __init__(self, name: str, argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> None:
        super().__init__(name, log)
        self.argv = argv
        self.env = env
        self.cwd = cwd

    def start(self) -> None:
        self.launch(self.argv, env=self.env, cwd=self.cwd)


@dataclass
class Backoff:
    """When to start something again that keeps ending: at once, then after 1, 2, 4 … 30 s; forgiven after a minute."""

    failures: int = 0
    due: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def failed(self) -> float:
        """Note an end; return the seconds until the next start."""
        now = time.monotonic()
        self.failures = 1 if now - self.started > HEALTHY_AFTER else self.failures + 1
        delay = min(LONGEST_BACKOFF, 2.0 ** (self.failures - 2)) if self.failures > 1 else 0.0
        self.due = now + delay
        return delay

    def is_due(self) -> bool:
        return time.monotonic() >= self.due

    def restarted(self) -> None:
        self.started = time.monotonic()
