"""A real SMTP server that misbehaves on demand, and mail that goes to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from msp.accounts.rules import system_actor
from msp.jobs.actions import run_queue
from msp.mail.actions import queue_mail
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld

ACTOR = system_actor("tests")


@dataclass
class SmtpServer:
    """What it says to each command, unless it says yes; `cut` ends the connection after the message has been taken."""

    port: int = 0
    mail: str = ""
    rcpt: dict[str, str] = field(default_factory=dict)
    data: str = ""
    cut: bool = False
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802  aiosmtpd finds its hooks by these names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.mail or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data
        message = message_from_bytes(cast(bytes, envelope.original_content), policy=modern)
        self.got.append((list(envelope.rcpt_tos), cast(EmailMessage, message)))
        if self.cut and server.transport is not None:
            server.transport.close()
        return "250 taken as 4711"

    def message(self) -> EmailMessage:
        """The one message that arrived."""
        ((_, message),) = self.got
        return message


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpServer]:
    """A server on a free port of this machine, and the settings that send to it."""
    handler, loop = SmtpServer(), asyncio.new_event_loop()

    def make() -> SMTP:
        return SMTP(handler, enable_SMTPUTF8=False, hostname="mx.example", loop=loop)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    # Begun inside its own thread: after a browser test this one has Playwright's loop running.
    serving = loop.create_server(make, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(serving, loop).result(timeout=30)
    handler.port = server.sockets[0].getsockname()[1]
    settings.MAIL_CAPTURE, settings.MAIL_HOST, settings.MAIL_PORT = False, "127.0.0.1", handler.port
    settings.MAIL_PRIVATE_HOSTS = True
    settings.MAIL_SECURITY, settings.MAIL_FROM = "none", "post@mainstay.example"
    yield handler
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def write(shop: ShopWorld, key: str = "ticket:1:reply:1", **given: Any) -> OutgoingMail:
    given = {
        "to": ["anna@harbour.example"],
        "subject": "Your printer",
        "text": "It prints again.\n.\nReally.\n",
        "now": NOW,
    } | given
    with enter(shop.scope()):
        return queue_mail(actor=ACTOR, purpose_key=key, **given)


def send(at: datetime = NOW) -> int:
    return run_queue(queue_name="mail", clock=lambda: at)


def fresh(shop: ShopWorld, mail: OutgoingMail) -> OutgoingMail:
    with enter(shop.scope()):
        return OutgoingMail.objects.get(pk=mail.pk)
