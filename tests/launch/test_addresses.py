"""Where a server that listens beyond this machine is reached, and by which names."""

from __future__ import annotations

import socket

import pytest

from msp.launch.supervisor import address_of, names_in


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://localhost:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
        ("desk.lan", "http://desk.lan:8000"),
        ("fd00::5", "http://[fd00::5]:8000"),
        ("0.0.0.0", "http://box.lan:8000"),  # noqa: S104
        ("::", "http://box.lan:8000"),
    ],
)
def test_a_named_host_is_the_address(host: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda: "box.lan")
    assert address_of(host, 8000) == address


def test_names_that_answer() -> None:
    assert names_in({"BASE_URL": "http://box.lan:8000"}) == ["box.lan"]
    assert names_in({"BASE_URL": "https://desk.example", "ALLOWED_HOSTS": "a,10.0.0.5"}) == [
        "desk.example",
        "a",
        "10.0.0.5",
    ]
