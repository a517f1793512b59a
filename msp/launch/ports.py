"""Which port to listen on, and whether somebody answers there."""

from __future__ import annotations

import errno
import http.client
import socket
from urllib.parse import urlsplit

from msp.launch.console import LaunchError, say

LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}
PORTS_TO_TRY = 50


def is_loopback(url: str) -> bool:
    """Whether an address that people type leads to their own machine."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK_HOSTS or host.endswith(".localhost")


def reserve_port(host: str, wanted: int) -> tuple[int, socket.socket]:
    """Return `wanted` or the next free port, with the socket that keeps it ours until the web server listens.

    The reservation never listens; the server binds beside it because both say SO_REUSEPORT. Without it two runs that
    start at once would find the same port free, and the kernel would share it between them.
    """
    for port in range(wanted, wanted + PORTS_TO_TRY):
        if is_free(host, port):
            if port != wanted:
                say(f"Port {wanted} is taken, using {port}")
            reservation = socket.socket(family_of(host), socket.SOCK_STREAM)
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            reservation.bind((host, port))
            return port, reservation
    raise LaunchError(f"No free port from {wanted} to {wanted + PORTS_TO_TRY - 1}. Choose one with --port.")


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_free(host: str, port: int) -> bool:
    """False when somebody listens there; as `localhost` also when somebody does for IPv6, which browsers try first."""
    addresses = ["127.0.0.1", "::1"] if host in LOOPBACK_HOSTS else [host]
    return all(can_bind(address, port) for address in addresses)


def can_bind(address: str, port: int) -> bool:
    try:
        with socket.socket(family_of(address), socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return False
        if address != "::1":  # a machine may lack IPv6, and then nobody listens there
            raise LaunchError(f"Can't listen on {address}: {error.strerror}") from error
    return True


def answers(host: str, port: int) -> bool:
    """True when a web server there answers without an error of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
