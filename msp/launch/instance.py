"""One instance per data directory: who holds it, and how others join it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from msp.launch.processes import make_private

SHARED_VARIABLES = ("BASE_URL", "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_TIMERS_URL", "REDIS_URL")


@dataclass(frozen=True)
class Holder:
    """Who runs the instance: `up` or `manage`, with the address once it answers."""

    pid: int
    command: str
    url: str = ""
    env: dict[str, str] | None = None


class Instance:
    """The lock of a data directory, and the note in it about the holder. Private: the note holds addresses."""

    def __init__(self, base: Path) -> None:
        self.base = base
        make_private(base)
        self.file = base / "instance.json"
        self._lock: IO[str] | None = None

    def acquire(self) -> bool:
        """Take the instance, or return False because somebody else has it. The kernel frees it when we end."""
        lock = (self.base / "instance.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        self.file.unlink(missing_ok=True)
        return True

    def release(self) -> None:
        self.file.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def announce(self, command: str, url: str = "", env: dict[str, str] | None = None) -> None:
        """Tell others who holds the instance; with `env` they may join it."""
        shared = {name: env[name] for name in SHARED_VARIABLES} if env else None
        note = Holder(os.getpid(), command, url, shared)
        unfinished = self.file.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(note)))  # nobody else can enter the data directory
        unfinished.replace(self.file)

    def holder(self) -> Holder | None:
        """Who holds it now; None while nobody has said so."""
        try:
            return Holder(**json.loads(self.file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def is_held(self) -> bool:
        if self.acquire():
            self.release()
            return False
        return True


@contextlib.contextmanager
def held(instance: Instance) -> Iterator[None]:
    """Give an acquired instance back at the end."""
    try:
        yield
    finally:
        instance.release()


def wait_for_holder(instance: Instance, seconds: float) -> Holder | None:
    """Wait until the holder can be joined; None when it went away or never became ready."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        holder = instance.holder()
        if holder and holder.env:
            return holder
        if not instance.is_held():
            return None
        time.sleep(0.2)
    return None
