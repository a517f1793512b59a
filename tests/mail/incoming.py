"""Short ways to make what tests of incoming mail need."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from msp.accounts.rules import system_actor
from msp.jobs.actions import run_queue
from msp.mail.actions import Arrival, add_mailbox, keep_arrival
from msp.mail.adapters.listener import serve
from msp.mail.choices import InDoor, MailboxKind
from msp.mail.models import InboundAddress, InboundMessage, Mailbox
from msp.tenancy.context import enter, system_scope
from tests.world import NOW, ShopWorld

ACTOR = system_actor("tests")


def make_mailbox(shop: ShopWorld, kind: MailboxKind = MailboxKind.FORWARD, **values: Any) -> Mailbox:
    given = {"address": f"help@{shop.tenant.slug}.example", "is_active": True, "is_main": True} | values
    with enter(shop.scope()):
        return add_mailbox(actor=ACTOR, kind=kind, values=given, sealed={}, now=NOW)


def forward_address(mailbox: Mailbox) -> str:
    return InboundAddress.objects.get(mailbox_id=mailbox.pk).address


def mail(
    sender: str = "Anna Harbour <anna@harbour-north.example>",
    subject: str = "The printer is dead",
    text: str = "It prints nothing since this morning.\n",
    **headers: str,
) -> bytes:
    """A plain message with an id of its own; names of headers come with _ for -."""
    given = {"From": sender, "To": "help@north.example", "Subject": subject} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    given.setdefault("Message-ID", f"<{uuid4()}@mx.example>")
    given.setdefault("Date", "Mon, 23 Nov 2026 13:30:00 +0000")
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return (head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.replace("\n", "\r\n")).encode()


def arrive(mailbox: Mailbox, raw: bytes, *, now: datetime = NOW, to: str = "", sender: str = "") -> InboundMessage:
    """Keep a message as the SMTP door would, without working it."""
    arrival = Arrival(InDoor.SMTP, raw, envelope_from=sender, envelope_to=to)
    keep_arrival(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk, arrival=arrival, now=now)
    return newest(mailbox)


def newest(mailbox: Mailbox) -> InboundMessage:
    with enter(system_scope(mailbox.tenant_id)):
        return InboundMessage.objects.filter(mailbox=mailbox.pk).order_by("-id")[0]


def fresh_message(message: InboundMessage) -> InboundMessage:
    """The row as it stands now, whatever the scope."""
    with enter(system_scope(message.tenant_id)):
        return InboundMessage.objects.select_related("mailbox").get(pk=message.pk)


def work(now: datetime = NOW) -> int:
    return run_queue(queue_name="mail_in", clock=lambda: now)


@dataclass
class Listener:
    host: str
    port: int


@contextmanager
def listening(*, lmtp: bool = False) -> Iterator[Listener]:
    """The real SMTP door on a free port, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(serve("127.0.0.1", 0, lmtp=lmtp), loop).result(timeout=30)
    try:
        yield Listener("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
