"""Whatever comes in is kept, read, and becomes something that people see: CPython's own collection of mails, nasty ones of ours, and
mutations of both with a fixed seed (10,000 with --deep). Figures are printed: 0 lost, 0 stuck, 0 crashes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from msp.mail.actions import Arrival, keep_arrival
from msp.mail.choices import InDoor
from msp.mail.models import InboundMessage, Mailbox
from msp.tenancy.context import enter
from tests.mail.incoming import work
from tests.mail.mutating import mutations
from tests.mail.test_reading import COLLECTION, NASTY
from tests.tickets.intake import LATER, ready
from tests.world import ShopWorld, World
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
BATCH = 500


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caps against floods are tested elsewhere; here a flood is what is meant."""
    for name in ("MOST", "MOST_BY_MACHINES", "MOST_ON_A_TICKET"):
        monkeypatch.setattr(f"tickets.actions.intake.{name}", 10**9)


def pour_in(
    shop: ShopWorld, mailbox: Mailbox, mails: list[bytes], capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """Let them all arrive and be worked, and count what became of each."""
    began, new = time.monotonic(), 0
    for number, raw in enumerate(mails):
        arrival = Arrival(InDoor.SMTP, raw, envelope_from="someone@elsewhere.example", envelope_to=mailbox.address)
        at = LATER + timedelta(seconds=number)
        new += keep_arrival(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk, arrival=arrival, now=at)
        if number % BATCH == BATCH - 1:
            work(LATER + timedelta(days=1))
    for hours in range(1, 6):  # what failed is tried again
        work(LATER + timedelta(days=1, hours=hours))
    with enter(shop.scope()):
        states = Counter(InboundMessage.objects.values_list("state", flat=True))
        errors = Counter(InboundMessage.objects.filter(state="failed").values_list("last_error", flat=True))
        linked = Message.objects.filter(mail__isnull=False).count()
        opened = Ticket.objects.count()
    seconds = time.monotonic() - began
    stuck = states["received"] + states["parsed"]
    with capsys.disabled():
        print(  # noqa: T201  the figures
            f"\n{what}: {len(mails)} mails, {new} different, 0 lost, {stuck} stuck, {states['failed']} for a person; "
            f"{opened} tickets, {states['ignored']} ignored, {seconds:.0f} s, {len(mails) / seconds:.0f} a second {dict(errors)}"
        )
    assert sum(states.values()) == new
    assert stuck == 0
    assert states["failed"] == 0
    assert linked == states["handled"]


def collection() -> list[bytes]:
    return [path.read_bytes() for path in COLLECTION]


def test_cpythons_collection_and_nasty_ones(world: World, unlimited: None, capsys: pytest.CaptureFixture[str]) -> None:
    pour_in(world.north, ready(world.north), [*collection(), *NASTY.values()], capsys, "collection")


def test_mutations(
    world: World, unlimited: None, scale: Callable[[int, int], int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seeds = [*collection(), *(raw for raw in NASTY.values() if len(raw) < 20_000)]
    mails = list(mutations(seeds, scale(150, 10_000)))
    pour_in(world.north, ready(world.north), mails, capsys, "mutations")
