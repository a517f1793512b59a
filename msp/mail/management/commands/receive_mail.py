"""The SMTP door as a process."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from msp.jobs.choices import ProcessKind
from msp.jobs.receivers import Watch
from msp.mail.adapters.listener import serve
from msp.tenancy.checks import refuse_powerful_roles


class Command(BaseCommand):
    help = "Take mail for the shops' forwarding addresses over SMTP (or LMTP), until told to stop."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.MAIL_IN_HOST, help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.MAIL_IN_PORT)
        parser.add_argument("--lmtp", action="store_true", help="speak LMTP, as Postfix and Exim deliver locally")

    def handle(self, *args: Any, host: str, port: int, lmtp: bool, **options: Any) -> None:
        refuse_powerful_roles()
        watch = Watch(ProcessKind.RECEIVER)
        watch.start()
        try:
            asyncio.run(self._serve(host, port, lmtp))
        finally:
            watch.stop()

    async def _serve(self, host: str, port: int, lmtp: bool) -> None:
        server = await serve(host, port, lmtp=lmtp)
        self.stdout.write(f"Taking mail on {host}:{server.sockets[0].getsockname()[1]}")
        self.stdout.flush()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with server:
            await stop.wait()
