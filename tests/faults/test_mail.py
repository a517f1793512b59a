"""Mail while workers die and Redis forgets: everything goes out, nothing twice, and what nobody can know is asked."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from typing import cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from .crew import PROCESSES, Crew

QUEUE = """
from datetime import timedelta
from django.utils import timezone
from msp.accounts.models import ShopSettings
from msp.accounts.rules import system_actor
from msp.mail.actions import queue_mail
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant
for slug in ("north", "low"):
    tenant, new = Tenant.objects.get_or_create(slug=slug, defaults={{"name": slug}})
    with enter(system_scope(tenant.pk)):
        if new:
            ShopSettings.objects.create()
        for number in range({number} // 2):
            queue_mail(actor=system_actor("test"), purpose_key=f"{name}:{{number}}", to=["anna@harbour.example"],
                       subject=f"{{slug}} {name} {{number}}", text="Hello.", now=timezone.now())
"""
# What a person does who has looked at the receiving server's log.
DECIDE = """
from django.utils import timezone
from msp.accounts.rules import system_actor
from msp.mail.actions import mark_as_sent, send_again
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant
arrived = {arrived!r}
for tenant in Tenant.objects.all():
    with enter(system_scope(tenant.pk)):
        for mail in OutgoingMail.objects.filter(state="unknown"):
            decide = mark_as_sent if mail.message_id in arrived else send_again
            decide(actor=system_actor("test"), mail=mail, now=timezone.now())
"""


class Receiver:
    """An SMTP server that takes its time before and after it keeps a message, so that kills find both moments."""

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self.got: list[str] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        # Begun inside its own thread: after a browser test this one has Playwright's loop running.
        serving = self.loop.create_server(self._protocol, "127.0.0.1", 0)
        self.server = asyncio.run_coroutine_threadsafe(serving, self.loop).result(timeout=30)
        self.port: int = self.server.sockets[0].getsockname()[1]

    def _protocol(self) -> SMTP:
        return SMTP(self, hostname="mx.example", loop=self.loop)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.pause)
        self.got.append(str(message_from_bytes(cast(bytes, envelope.original_content))["Message-ID"]))
        await asyncio.sleep(self.pause)
        return "250 taken"

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver(pause=0.04)
    yield receiver
    receiver.stop()


def crew_for(make: Callable[..., Crew], receiver: Receiver) -> Crew:
    return make(MAIL_HOST="127.0.0.1", MAIL_PORT=str(receiver.port), MAIL_SECURITY="none", MAIL_CAPTURE="0")


def states(crew: Crew) -> Counter[str]:
    return Counter(dict(crew.ask("select state, count(*) from mail_outgoingmail group by state")))


def open_rows(crew: Crew) -> int:
    counted = states(crew)
    return counted["queued"] + counted["sending"]


def test_mail_goes_out_once_while_workers_are_killed_and_redis_is_flushed(
    crew: Callable[..., Crew], receiver: Receiver, scale: Callable[[int, int], int]
) -> None:
    number, kills = scale(40, 400), scale(2, 12)
    team = crew_for(crew, receiver)
    team.run(QUEUE.format(number=number, name="bill"))
    team.schedule()
    team.hire(scale(1, 3))
    assert team.wait_for(lambda: bool(receiver.got), 60)
    team.wreak(lambda: open_rows(team) == 0, kills=kills, flushes=scale(1, 6))
    began = time.monotonic()
    assert team.wait_for(lambda: open_rows(team) == 0, scale(120, 600)), states(team)
    found = states(team)
    print(  # noqa: T201
        f"{number} due, {team.killed} workers killed: {found['sent']} sent, {found['unknown']} for a person to decide,"
        f" {max(Counter(receiver.got).values()) - 1} twice; {time.monotonic() - began:.0f} s after the last blow"
    )
    assert found["sent"] + found["unknown"] == number
    assert found["unknown"] <= team.killed * PROCESSES
    assert set(Counter(receiver.got).values()) == {1}
    team.run(DECIDE.format(arrived=receiver.got))
    assert team.wait_for(lambda: states(team) == {"sent": number}, 60), states(team)
    assert set(Counter(receiver.got).values()) == {1}
    assert len(receiver.got) == number


def test_mail_goes_out_while_redis_is_gone(crew: Callable[..., Crew], receiver: Receiver) -> None:
    team = crew_for(crew, receiver)
    team.hire()
    assert team.wait_for(lambda: team.ask("select count(*) from jobs_heartbeat") == [(1,)], 60)
    team.own.valkey.kill()
    team.run(QUEUE.format(number=4, name="late"))
    assert team.wait_for(lambda: states(team) == {"sent": 4}, 90), states(team)
    assert len(receiver.got) == 4
    assert team.workers[0].poll() is None
    team.own.valkey.start()
    team.schedule()
    team.run(QUEUE.format(number=4, name="again"))
    assert team.wait_for(lambda: states(team) == {"sent": 8}, 90), states(team)
