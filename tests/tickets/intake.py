"""Short ways to let mail arrive and to see what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from clients.actions import create_unsorted_client, keep_names
from clients.models import Client, Contact
from msp.mail.choices import MailboxKind
from msp.mail.models import InboundMessage, Mailbox, OutgoingMail
from msp.mail.queries import thread_token
from msp.tenancy.context import enter
from tests.mail.incoming import ACTOR, arrive, fresh_message, make_mailbox, work
from tests.world import NOW, ClientWorld, ShopWorld
from tickets import actions
from tickets.models import Message, Ticket

LATER = NOW + timedelta(hours=1)


def ready(shop: ShopWorld, **values: Any) -> Mailbox:
    """A shop that takes mail: its mailbox, its client Unsorted, its clients' domains."""
    with enter(shop.scope()):
        same = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
        if not Client.objects.filter(is_unsorted=True).exists():
            create_unsorted_client(actor=ACTOR, now=NOW, values={"name": "Unsorted", **same})
        for side in (shop.one, shop.two):
            keep_names(side.anna)
    return make_mailbox(shop, MailboxKind.FORWARD, plus_works=True, **values)


def take(mailbox: Mailbox, raw: bytes, *, at: Any = LATER, to: str = "") -> InboundMessage:
    """Let a message arrive and be taken."""
    message = arrive(mailbox, raw, now=at, to=to)
    work(at)
    return fresh_message(message)


def tickets(shop: ShopWorld) -> list[Ticket]:
    with enter(shop.scope()):
        return list(Ticket.objects.select_related("client", "contact").order_by("number"))


def said(shop: ShopWorld, ticket: Ticket) -> list[tuple[str, str, str]]:
    """(visibility, who, words) of every message, oldest first."""
    with enter(shop.scope()):
        rows = Message.objects.filter(ticket=ticket).order_by("at", "id")
        return [(row.visibility, row.author_name, row.body) for row in rows]


def hints(shop: ShopWorld, ticket: Ticket) -> str:
    return "\n".join(body for visibility, who, body in said(shop, ticket) if visibility == "internal" and who == "mail")


def sender(side: ClientWorld, name: str = "anna") -> str:
    contact: Contact = getattr(side, name)
    return f"{contact.name} <{contact.email}>"


def answer_address(shop: ShopWorld, mailbox: Mailbox, ticket: Ticket) -> str:
    with enter(shop.scope()):
        local, _, domain = mailbox.address.partition("@")
        return f"{local}+{thread_token(f't{ticket.number}')}@{domain}"


def our_mail(shop: ShopWorld, ticket: Ticket, side: ClientWorld | None = None) -> OutgoingMail:
    """A reply of ours, as it went out."""
    tech = shop.staff["technician"]
    with enter(shop.scope()):
        message = actions.reply_publicly(
            actor=tech.as_actor(),
            now=NOW,
            ticket=ticket,
            author=tech,
            body="New rollers are on the way.",
            to=(side or shop.one).anna,
        )
        return OutgoingMail.objects.get(purpose_key=f"message:{message.pk}")
