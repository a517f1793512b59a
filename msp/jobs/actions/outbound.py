"""The way out to servers that somebody named: never into our own network unless that is said, and for a limited time."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _

_NAT64 = ip_network("64:ff9b::/96")


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


class NotAllowed(OSError):
    """The host is one that a shop may not make us talk to."""


def connect(host: str, port: int, *, timeout: float, cut: Cut, anywhere: bool = False) -> socket.socket:
    """A TCP connection under `cut`; `timeout` seconds bound each wait on it.

    It leads to the very address that was judged: a name that is looked up twice may answer differently. So whoever begins TLS
    on it gives the host's name along. Raises NotAllowed for a private address unless `anywhere`, OSError when nobody answers.
    """
    last: OSError | None = None
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not anywhere and not is_public(str(address[0])):
            raise NotAllowed(_("%(host)s lies in a private network, where shops may not connect to.") % {"host": host})
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(min(timeout, cut.left()))
            connection.connect(address)
            cut.over(connection)
        except OSError as error:
            connection.close()
            last = error
        else:
            connection.settimeout(timeout)
            return connection
    raise last or OSError(f"{host} has no address")


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet: not on this machine, in a private net, or at a cloud's metadata."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast
