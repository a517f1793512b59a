"""Connections to servers that somebody named: where they may lead, and how long they last."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from msp.jobs.actions.outbound import Cut, NotAllowed, connect, is_public


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Listens on this machine; who connects may talk to nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("127.0.0.1", False), ("10.1.2.3", False), ("192.168.0.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False), ("2002:a00:1::", False), ("2001:0:808:808::f5ff:fffe", False), ("240.0.0.1", False),
        ("224.0.0.1", False), ("8.8.8.8", True), ("2606:4700::1111", True),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_connection_leads_into_our_own_network_unless_that_is_said(server: socket.socket, host: str) -> None:
    with Cut(20) as cut:
        with pytest.raises(NotAllowed):
            connect(host, port_of(server), timeout=5, cut=cut)
        connect("127.0.0.1", port_of(server), timeout=5, cut=cut, anywhere=True).close()


def test_the_address_that_was_judged_is_the_one_that_is_called(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers publicly first and privately afterwards."""
    looked, public = [], (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 25))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *names, **given: looked.append(names) or [public])
    monkeypatch.setattr("msp.jobs.actions.outbound.is_public", lambda address: address == "192.0.2.1")
    called: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda line, address: called.append(address))
    with Cut(20) as cut:
        connect("rebinds.example", 25, timeout=5, cut=cut).close()
    assert (len(looked), called) == (1, [("192.0.2.1", 25)])


def test_a_connection_ends_in_time_whatever_comes_over_it(server: socket.socket) -> None:
    def drip() -> None:
        other, _ = server.accept()
        with other, suppress(OSError):
            while True:
                other.sendall(b".")
                over.wait(0.05)

    over = threading.Event()
    threading.Thread(target=drip, daemon=True).start()
    with Cut(0.5) as cut:
        line = connect("127.0.0.1", port_of(server), timeout=5, cut=cut, anywhere=True)
        with suppress(OSError):
            while line.recv(100):
                pass
        line.close()
        assert cut.fell
        with pytest.raises(TimeoutError):
            cut.left()
