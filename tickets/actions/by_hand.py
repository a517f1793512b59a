"""What a person makes of a mail that no machine could take, and of a sender whom nobody knew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions import add_contact
from clients.models import Client, Contact
from clients.queries import contacts_at
from msp.accounts.models import Membership
from msp.files.actions import Written
from msp.mail.actions import end_by_hand
from msp.mail.choices import IncomingState
from msp.mail.models import InboundMessage
from tickets.choices import Door
from tickets.models import Message, Ticket
from tickets.queries.incoming import came_by
from tickets.rules import Refused

from .tickets import change_about, open_ticket


def open_from_mail(
    *, me: Membership, now: datetime, message: InboundMessage, client: Client, subject: str, body: str
) -> Ticket:
    """Open a ticket with a message as its first one. Raises NotPossible (msp.mail) when it was taken meanwhile, Refused as usual."""
    contact = next((each for each in contacts_at(message.from_address) if each.client_id == client.pk), None)
    kept = [
        Written(part.path, part.name, part.content_type, part.size, part.sha256)
        for part in message.parts.order_by("position")
    ]
    with transaction.atomic():
        ticket = open_ticket(
            actor=me.as_actor(), now=now, client=client, contact=contact, author=me, subject=subject, body=body,
            door=Door.MAIL, kept=kept,
        )  # fmt: skip
        Message.objects.filter(ticket=ticket).update(mail=message)
        end_by_hand(
            actor=me.as_actor(), message=message, state=IncomingState.HANDLED, outcome=f"#{ticket.number}",
            url=ticket.get_absolute_url(), now=now,
        )  # fmt: skip
    return ticket


def know_sender(*, me: Membership, now: datetime, ticket: Ticket) -> Contact:
    """Make the sender of a ticket's mail a contact of its client, and the ticket's. Raises Refused without such a sender."""
    mail = came_by(ticket)
    if mail is None or not mail.from_address or ticket.contact_id is not None:
        raise Refused(_("There is nobody to add."))
    with transaction.atomic():
        contact = next((each for each in contacts_at(mail.from_address) if each.client_id == ticket.client_id), None)
        if contact is None:
            values = {"name": mail.from_name[:120] or mail.from_address[:120], "email": mail.from_address}
            values["language"] = ticket.client.language
            contact = add_contact(actor=me.as_actor(), now=now, client=ticket.client, values=values)
        change_about(
            actor=me.as_actor(), now=now, ticket=ticket, contact=contact, site=ticket.site, asset=ticket.asset
        )  # fmt: skip
    return contact
