"""A shop in the middle of its day, so that the pages a browser looks at are full. Made by the product's own actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from billing.actions import approve_invoice, draft_invoice, issue_invoice, record_payment
from clients.actions import keep_promise, promise_callback
from clients.models import Reminder
from msp.jobs.actions import work_row
from msp.tenancy.context import enter
from tests.billing.conftest import furnish
from tests.world import ShopWorld
from tickets.actions import add_note, change_status, log_time, open_ticket, reply_publicly, start_timer
from tickets.choices import Priority, Status
from tickets.models import Ticket

STORY = (
    "It has happened again. All four front-desk computers said “cannot reach server” about ten minutes ago, came back, then "
    "went again.\n\nWe have a full clinic until 5 and reception are writing appointments on paper."
)


def set_the_stage(shop: ShopWorld) -> None:
    """Tickets in every state for the shop's first client, with a conversation, time and a running timer of the technician's.

    Of the finished work one part is on an issued and part-paid invoice, one on a draft, one on none.
    """
    now = timezone.now()
    office = furnish(shop)
    with enter(shop.scope()):
        talked = _ticket(
            shop,
            now - timedelta(hours=5),
            "Front-desk PCs lose the practice server several times an hour",
            Priority.URGENT,
        )
        _converse(shop, talked, now)
        _ticket(shop, now - timedelta(hours=2), "Scanner saves to the wrong folder", Priority.NORMAL)
        _finished(shop, now - timedelta(days=9), "New laptop for Dr Osei")
        invoice = draft_invoice(client=shop.one.client, actor=office.actor, now=now - timedelta(days=8))
        invoice = approve_invoice(
            invoice=invoice, actor=office.actor, now=now - timedelta(days=8), reason="Agreed by phone"
        )
        invoice = issue_invoice(invoice=invoice, actor=office.actor, now=now - timedelta(days=8))
        record_payment(
            invoice=invoice, amount=Decimal("20.00"), paid_on=now.date(), method="transfer", reference="HARBOUR",
            actor=office.actor, now=now,
        )  # fmt: skip
        _finished(shop, now - timedelta(days=2), "Two consulting rooms cannot print")
        draft_invoice(client=shop.one.client, actor=office.actor, now=now)
        _finished(shop, now - timedelta(days=1), "Quarterly check of the surgery PCs")
        _promised(shop, now)


def _promised(shop: ShopWorld, now: datetime) -> None:
    """A callback kept, one broken, one at risk with its reminder, one far off."""
    tom, client = shop.staff["technician"], shop.one.client
    for made, due, words in (
        (-50, -44, "Say whether the old server can stay"),
        (-30, -3, "Send the figures for the new switch"),
        (-20, 0.5, "Ring about the scanner before the clinic opens"),
        (-1, 60, "Bring the spare laptop"),
    ):
        promise = promise_callback(
            actor=tom.as_actor(), now=now + timedelta(hours=made), subject=client, client=client, contact=shop.one.anna,
            owner=tom, words=words, promised_at=now + timedelta(hours=due),
        )  # fmt: skip
        if due == -44:
            keep_promise(actor=tom.as_actor(), now=now - timedelta(hours=45), promise=promise)
        elif due < 1:
            work_row(queue_name="promises", row=promise, now=now)
    work_row(queue_name="reminders", row=Reminder.objects.get(to=tom), now=now)


def _finished(shop: ShopWorld, now: datetime, subject: str) -> None:
    tom = shop.staff["technician"]
    ticket = _ticket(shop, now, subject, Priority.LOW)
    log_time(
        actor=tom.as_actor(),
        now=now + timedelta(hours=1),
        ticket=ticket,
        member=tom,
        minutes=50,
        note="Replaced and tested",
    )
    change_status(actor=tom.as_actor(), now=now + timedelta(hours=2), ticket=ticket, status=Status.SOLVED)


def _ticket(shop: ShopWorld, now: datetime, subject: str, priority: int) -> Ticket:
    tom = shop.staff["technician"]
    return open_ticket(
        actor=tom.as_actor(), now=now, client=shop.one.client, author=tom, assignee=tom, contact=shop.one.anna, site=shop.one.site,
        asset=shop.one.asset, subject=subject, body=STORY, priority=priority,
    )  # fmt: skip


def _converse(shop: ShopWorld, ticket: Ticket, now: datetime) -> None:
    tom = shop.staff["technician"]
    actor = tom.as_actor()
    reply_publicly(
        actor=actor, now=now - timedelta(hours=4), ticket=ticket, author=tom, to=shop.one.anna, cc=[shop.one.ben],
        body="Anna, I am sorry. You should not be seeing this a third time. I will write again by 14:00 with what I have found.",
    )  # fmt: skip
    add_note(
        actor=actor,
        now=now - timedelta(hours=3),
        ticket=ticket,
        author=tom,
        body="Switch log shows port 3 flapping 61 times since Friday.",
    )
    log_time(
        actor=actor, now=now - timedelta(hours=3), ticket=ticket, member=tom, minutes=25, note="Checked the switch log"
    )
    start_timer(actor=actor, now=now - timedelta(minutes=23), ticket=ticket, member=tom)
