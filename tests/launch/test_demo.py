"""The demo's logins are public: where `up` makes it, and where it does not."""

from __future__ import annotations

import pytest

from msp.launch.console import LaunchError
from msp.launch.supervisor import no_demo, parse

OWN = dict.fromkeys(("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_TIMERS_URL"), "postgresql://x@db/mainstay")
PROXIED = {"BASE_URL": "https://desk.example.com"}


@pytest.mark.parametrize(
    ("arguments", "env", "words"),
    [
        ([], {}, ""),
        (["--host", "localhost"], {"BASE_URL": "http://mainstay.localhost:8000"}, ""),
        (["--no-demo"], {}, "nobody wants it"),
        (["--host", "192.0.2.1"], {}, "192.0.2.1 is not this machine alone"),
        ([], PROXIED, "others come by https://desk.example.com"),
        ([], OWN, "the database is your own"),
        (["--demo"], OWN, ""),
    ],
)
def test_the_demo_is_made_for_this_machine_alone(arguments: list[str], env: dict[str, str], words: str) -> None:
    reason = no_demo(parse(arguments), env)
    assert (bool(reason), reason.startswith(words)) == (bool(words), True)


@pytest.mark.parametrize(("arguments", "env"), [(["--host", "192.0.2.1"], {}), ([], PROXIED)])
def test_asking_for_it_where_others_come_is_refused(arguments: list[str], env: dict[str, str]) -> None:
    with pytest.raises(LaunchError, match="No demo here"):
        no_demo(parse(["--demo", *arguments]), env)
