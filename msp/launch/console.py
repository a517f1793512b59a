"""What the launcher says, and how it fails."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

STARTED = float(os.environ.get("MAINSTAY_STARTED", time.time()))


class LaunchError(Exception):
    """Something the person at the keyboard has to know; its text says what to do next."""


def say(text: str) -> None:
    """Print a line with the seconds since the command was typed."""
    print(f"[{time.time() - STARTED:6.1f} s] {text}", flush=True)


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def tail(log: Path, lines: int = 25, since: int = 0) -> str:
    """Return the last lines of a log, at most from byte `since` on."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(since, log.stat().st_size - 64 * 1024))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
