"""Where things are: the checkout, the data directory, the sockets."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# The kernel's limit for a socket's path is 107 bytes; Postgres adds "/.s.PGSQL.5432.lock" to the directory.
LONGEST_SOCKET_DIRECTORY = 80


def data_directory() -> Path:
    """The data directory of this checkout's instance: MAINSTAY_DATA, else .data."""
    return Path(os.environ.get("MAINSTAY_DATA") or ROOT / ".data").resolve()


def short_hash(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def socket_directory(home: Path) -> Path:
    """A directory for a server's unix socket: `home`/run, or one in /tmp when that path is too long for a socket."""
    inside = home / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
        return inside
    return Path("/tmp") / f"mainstay-{os.geteuid()}-{short_hash(home)}"  # noqa: S108  make_private checks its owner
