"""Visiting pages over loopback as somebody who is signed in, one request after another."""

from __future__ import annotations

import http.client
import itertools
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from msp.accounts.models import User
from tests.bench.stopwatch import HEADER

WARM_UP = 5
SPINS = 5
AGENT = {"Accept-Encoding": "gzip", "Host": "localhost", "Accept": "text/html"}


@dataclass(frozen=True)
class Page:
    """Something to visit: its addresses are taken in turn. `who` is nobody, staff or portal."""

    name: str
    addresses: tuple[str, ...]
    who: str = "staff"


@dataclass
class Figures:
    """What the visits of a page cost: milliseconds in the server, of its processors, queries, bytes on the wire."""

    wall: list[float] = field(default_factory=list)
    python: list[float] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)
    queries: int = 0
    size: int = 0
    spin: float = 0.0  # what a fixed piece of work took meanwhile

    @property
    def work(self) -> float:
        """Processor time of the median request, web and database together: what it takes when nobody else is there."""
        return median(self.python) + median(self.postgres)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def median(values: list[float]) -> float:
    return statistics.median(values)


def session_of(email: str) -> str:
    """A cookie header for a person who is signed in."""
    user = User.objects.get(email=email)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def visit(port: int, page: Page, cookies: dict[str, str], requests: int) -> Figures:
    """Ask for a page so many times on one connection. Raises RuntimeError when an answer is no page."""
    figures, connection = Figures(), http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = AGENT | ({"Cookie": cookies[page.who]} if page.who in cookies else {})
    before = spin()
    try:
        for number, address in enumerate(_in_turn(page.addresses, requests + WARM_UP)):
            connection.request("GET", address, headers=headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != http.client.OK:
                raise RuntimeError(
                    f"{page.name}: {address} answered {response.status} {response.getheader('Location')}"
                )
            if number >= WARM_UP:
                _add(figures, response.getheader(HEADER, ""), len(body))
    finally:
        connection.close()
    figures.spin = (before + spin()) / 2
    return figures


def spin() -> float:
    """Milliseconds of processor for a fixed loop, the best of a few: how fast the machine is now. Virtual ones change within minutes."""
    found = []
    for _ in range(SPINS):
        began = time.process_time()
        sum(number * number for number in range(200_000))
        found.append(time.process_time() - began)
    return min(found) * 1000


def _in_turn(addresses: Iterable[str], number: int) -> Iterable[str]:
    return itertools.islice(itertools.cycle(addresses), number)


def _add(figures: Figures, said: str, size: int) -> None:
    wall, python, postgres, queries = said.split()
    figures.wall.append(float(wall))
    figures.python.append(float(python))
    figures.postgres.append(float(postgres))
    figures.queries = max(figures.queries, int(queries))
    figures.size = max(figures.size, size)
