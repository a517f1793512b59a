"""Short ways to make the rows that tests of tickets need."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msp.tenancy.context import enter
from tests.world import NOW, ClientWorld, ShopWorld
from tickets.actions import open_ticket
from tickets.models import Ticket


def make_ticket(
    shop: ShopWorld, side: ClientWorld | None = None, *, now: datetime = NOW, assignee: str = "", **values: Any
) -> Ticket:
    """A ticket of the shop's first client, opened by its technician."""
    side = side or shop.one
    author = shop.staff["technician"]
    given = {"subject": "Printer jams", "body": "It jams on every second page.", "contact": side.anna} | values
    with enter(shop.scope()):
        return open_ticket(
            actor=author.as_actor(),
            now=now,
            client=side.client,
            author=author,
            assignee=shop.staff[assignee] if assignee else None,
            **given,
        )
