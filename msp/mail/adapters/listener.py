"""The SMTP door: other mail servers hand over messages for the addresses of our mailboxes (`manage.py receive_mail`).

A message is answered with 250 only when its bytes are committed for every mailbox it names; until then the sender has the duty, and
does it again. aiosmtpd speaks the protocol, rows are touched in threads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast
from uuid import UUID

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connections
from django.utils import timezone

from msp.mail.actions import Arrival, keep_arrival
from msp.mail.choices import InDoor
from msp.mail.models import Mailbox
from msp.mail.queries import mailbox_at
from msp.tenancy.context import enter, system_scope

LATER = "451 4.3.0 Try again later"
NOBODY = "550 5.1.1 No such mailbox here"
ONE_BY_ONE = "452 4.5.3 One recipient at a time"
MOST_RECIPIENTS = 50
THREADS = 4

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Door:
    """What the server asks at each command. With `lmtp` one recipient a message: LMTP wants an answer for each of them."""

    def __init__(self, *, lmtp: bool = False) -> None:
        self.lmtp = lmtp
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="door")

    async def handle_RCPT(  # noqa: N802  aiosmtpd finds its hooks by these names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if envelope.rcpt_tos and (self.lmtp or len(envelope.rcpt_tos) >= MOST_RECIPIENTS):
            return ONE_BY_ONE
        try:
            found = await self._in_thread(lambda: known_mailbox(address))
        except Exception:
            logger.exception("looking up %s failed", address)
            return LATER
        if found is None:
            return NOBODY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw, sender = cast(bytes, envelope.original_content), envelope.mail_from or "<>"
        try:
            for address in envelope.rcpt_tos:
                await self._in_thread(lambda address=address: keep(address, raw, sender))  # type: ignore[misc]
        except Exception:
            logger.exception("a message for %s could not be kept", envelope.rcpt_tos)
            return LATER
        return "250 2.0.0 Kept"

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, _with_fresh_connections, act)


def _with_fresh_connections(act: Callable[[], T]) -> T:
    """A door stays open for months: a connection that the database ended in the meantime must cost no message."""
    try:
        return act()
    finally:
        connections.close_all()


def known_mailbox(address: str) -> tuple[int, UUID] | None:
    """The shop and mailbox that take mail for the address now."""
    found = mailbox_at(address)
    if found is None:
        return None
    with enter(system_scope(found[0])):
        takes = Mailbox.objects.filter(pk=found[1], is_active=True).exists()
    return found if takes else None


def keep(address: str, raw: bytes, sender: str) -> None:
    """Commit the message for one recipient. Raises LookupError when the mailbox ended since it was named."""
    found = known_mailbox(address)
    if found is None:
        raise LookupError(address)
    arrival = Arrival(InDoor.SMTP, raw, envelope_from=sender, envelope_to=address)
    keep_arrival(tenant_id=found[0], mailbox_id=found[1], arrival=arrival, now=timezone.now())


async def serve(host: str, port: int, *, lmtp: bool = False) -> asyncio.Server:
    """Open the door. It is a server for one's own network: no sign-in and no relaying, so let a real MTA stand before it."""
    door, loop = Door(lmtp=lmtp), asyncio.get_running_loop()

    def make() -> Any:
        kind = LMTP if lmtp else SMTP
        return kind(
            door,
            hostname=settings.MAIL_IN_DOMAIN,
            ident="Mainstay",
            data_size_limit=settings.MAIL_IN_LIMIT,
            enable_SMTPUTF8=True,
            timeout=120,
            loop=loop,
        )

    # Beside the launcher's reservation of the port, which never listens.
    return await loop.create_server(make, host, port, reuse_port=True)
