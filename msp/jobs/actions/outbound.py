"""Connections to servers outside: each ends in time, whatever the server does."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self


class Cut:
    """A context that cuts its connections once `seconds` have passed since it began.

    A timeout of a socket counts from the last byte: a server that sends one every few seconds could hold a worker for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.fell = False
        self._ends = time.monotonic() + seconds
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._fall)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            while self._held:
                self._held.pop().close()

    def left(self) -> float:
        """Seconds until it falls. Raises TimeoutError once it has."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError(f"not done after {self.seconds:.0f} s")
        return seconds

    def over(self, connection: socket.socket) -> None:
        """Have it fall over this connection, also after TLS has begun on it, which takes the socket itself away."""
        with self._lock:
            self._held.append(connection.dup())
        if self.fell:
            self._fall()

    def _fall(self) -> None:
        self.fell = True
        with self._lock:
            for held in self._held:
                with suppress(OSError):  # it may have ended already
                    held.shutdown(socket.SHUT_RDWR)


def connect(host: str, port: int, *, timeout: float, cut: Cut) -> socket.socket:
    """A TCP connection under `cut`; `timeout` seconds bound each wait on it. Raises OSError."""
    connection = socket.create_connection((host, port), min(timeout, cut.left()))
    cut.over(connection)
    connection.settimeout(timeout)
    return connection
