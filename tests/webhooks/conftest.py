"""A real receiver on this machine that answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook

from msp.accounts.rules import system_actor
from msp.jobs.actions import run_queue
from msp.tenancy.context import enter
from msp.webhooks import actions
from msp.webhooks.models import Delivery, Endpoint
from msp.webhooks.queries import secrets_of
from tests.world import NOW, ShopWorld

ACTOR = system_actor("tests")
EVENTS = ["ticket.created", "ticket.changed", "ticket.message", "ticket.solved"]


@dataclass
class Got:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`statuses` are its next answers; then it says 204. It waits `seconds` before each."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    answer: bytes = b""
    seconds: float = 0
    got: list[Got] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=mainstay"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE_HOSTS = True
    said = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said.got.append(Got({name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(said.seconds)
            self.send_response(said.statuses.pop(0) if said.statuses else 204)
            self.send_header("Location", said.url)
            self.end_headers()
            self.wfile.write(said.answer)

        def log_message(self, *_: object) -> None:
            pass

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    said.port = web.server_port
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield said
    web.shutdown()
    web.server_close()
    thread.join()


def listen(shop: ShopWorld, url: str, *, events: list[str] | None = None, name: str = "Chat") -> Endpoint:
    with enter(shop.scope()):
        return actions.add_endpoint(actor=ACTOR, now=NOW, name=name, url=url, events=events or EVENTS)


def tried(shop: ShopWorld, endpoint: Endpoint, now: datetime = NOW) -> Delivery:
    with enter(shop.scope()):
        return actions.send_test(actor=ACTOR, now=now, endpoint=endpoint)


def send(at: datetime = NOW) -> int:
    return run_queue(queue_name="webhooks", clock=lambda: at)


def fresh(shop: ShopWorld, row: Delivery) -> Delivery:
    with enter(shop.scope()):
        return Delivery.objects.select_related("endpoint").get(pk=row.pk)


def secrets_at(shop: ShopWorld, endpoint: Endpoint, at: datetime = NOW) -> list[str]:
    with enter(shop.scope()):
        return secrets_of(Endpoint.objects.get(pk=endpoint.pk), at)


def send_due() -> int:
    """As a worker does now."""
    return run_queue(queue_name="webhooks", clock=timezone.now)


def is_signed(secret: str, got: Got) -> bool:
    """Whether the library that receivers use takes it."""
    return bool(Webhook(secret).verify(got.body, got.headers))
