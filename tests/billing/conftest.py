"""A shop that can bill: rates, addresses, solved tickets with time on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from billing import actions
from billing.models import BillingSettings, Invoice
from clients.models import Contact
from msp.accounts.models import ShopSettings
from msp.accounts.rules import Actor
from msp.tenancy.context import enter
from tests.world import NOW, ClientWorld, ShopWorld, World
from tickets.models import Ticket, TimeEntry


@dataclass
class Office:
    """The office of one shop, with an actor and shortcuts that work inside its scope."""

    shop: ShopWorld
    actor: Actor

    def solved(self, client: ClientWorld, *minutes: int, note: str = "Replaced the switch", **given: Any) -> Ticket:
        """A solved ticket with one time entry for each of `minutes`, a day before NOW."""
        with enter(self.shop.scope()):
            number = Ticket.objects.count() + 1
            solved_at = given.pop("solved_at", NOW - timedelta(hours=20))
            ticket = Ticket.objects.create(
                number=number,
                client=client.client,
                subject=given.pop("subject", "Front desk loses the server"),
                status="solved" if solved_at else "in_progress",
                solved_at=solved_at,
                created_at=NOW - timedelta(days=2),
                queue_at=NOW,
            )
            start = NOW - timedelta(hours=30, minutes=60 * number)
            for worked in minutes:
                TimeEntry.objects.create(
                    ticket=ticket,
                    client=client.client,
                    member=self.shop.staff["technician"],
                    started_at=start,
                    minutes=worked,
                    note=note,
                    finished_at=solved_at,
                    **given,
                )
                start += timedelta(minutes=worked)
        return ticket

    def draft(self, client: ClientWorld, **given: Any) -> Invoice:
        with enter(self.shop.scope()):
            return actions.draft_invoice(client=client.client, actor=self.actor, now=NOW, **given)

    def approved(self, client: ClientWorld) -> Invoice:
        """An approved invoice of one solved ticket."""
        self.solved(client, 60)
        with enter(self.shop.scope()):
            drafted = actions.draft_invoice(client=client.client, actor=self.actor, now=NOW)
            return actions.approve_invoice(invoice=drafted, actor=self.actor, now=NOW)

    def issued(self, client: ClientWorld) -> Invoice:
        """An issued invoice of one solved ticket: 1 h at 90.00 plus 20 %, so 108.00."""
        approved = self.approved(client)
        with enter(self.shop.scope()):
            return actions.issue_invoice(invoice=approved, actor=self.actor, now=NOW)

    def again(self, invoice: Invoice) -> Invoice:
        with enter(self.shop.scope()):
            return Invoice.objects.get(pk=invoice.pk)


def furnish(shop: ShopWorld) -> Office:
    """Give a shop what an invoice needs: rate, tax, address, and a contact who receives invoices."""
    with enter(shop.scope()):
        ShopSettings.objects.update(address="12 Quay Street\nNewcastle", tax_id="GB 123 4567 89")
        BillingSettings.objects.create(
            hourly_rate=Decimal("90.00"), tax_rate=Decimal("20.00"), bank_details="Sort code 00-00-00"
        )
        for client in (shop.one, shop.two):
            client.client.address = "1 Harbour Road"
            client.client.save(update_fields=["address"])
            Contact.objects.filter(pk=client.anna.pk).update(gets_invoices=True)
    return Office(shop, shop.staff["office_manager"].as_actor())


@pytest.fixture
def office(world: World) -> Office:
    """North's office, ready to bill."""
    return furnish(world.north)


@pytest.fixture
def low_office(world: World) -> Office:
    """The other shop's office, ready to bill."""
    return furnish(world.low)


@pytest.fixture(autouse=True)
def british_time() -> Iterator[None]:
    with timezone.override(ZoneInfo("Europe/London")):
        yield
