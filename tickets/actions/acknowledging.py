"""Telling people that their mail is here: at once, once, and never to a machine."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from msp.accounts.rules import system_actor
from msp.mail.actions import queue_mail
from msp.mail.choices import Nature
from msp.mail.documents import render_mail
from msp.mail.models import InboundAddress, InboundMessage, OutgoingMail
from msp.mail.queries import own_addresses
from msp.mail.rules.threads import without_addition
from tickets.models import Ticket
from tickets.queries.senders import Sender

ACTOR = system_actor("acknowledgement")
HOUR = timedelta(hours=1)
MOST = 60  # through one shop within an hour, whoever they go to


def acknowledge(*, now: datetime, ticket: Ticket, mail: InboundMessage, sender: Sender) -> OutgoingMail | None:
    """Answer a person's first mail with the ticket's number (RFC 3834). It is no first response: no clock hears of it."""
    if not _is_due(now, mail, sender):
        return None
    language = ticket.contact.language if ticket.contact else ticket.client.language
    rendered = render_mail("mail/acknowledgement", {"ticket": ticket}, language)
    try:
        with transaction.atomic():
            return queue_mail(
                actor=ACTOR,
                purpose_key=f"ack:{ticket.pk}",
                to=[sender.address],
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                client_id=ticket.client_id,
                in_reply_to=mail.message_id,
                references=mail.message_id,
                thread=f"t{ticket.number}",
                mailbox=mail.mailbox,
                now=now,
            )
    except ValidationError:
        return None  # an address that we could not write to


def _is_due(now: datetime, mail: InboundMessage, sender: Sender) -> bool:
    asked_not_to = bool(mail.reading.get("silent")) or mail.nature != Nature.PERSONAL
    if not mail.mailbox.acknowledges or asked_not_to or sender.forged or sender.member is not None:
        return False
    if not sender.address or sender.address in own_addresses() or _is_a_mailbox(sender.address):
        return False
    recent = OutgoingMail.objects.filter(purpose_key__startswith="ack:", created_at__gt=now - HOUR)
    return not recent.filter(to__contains=[sender.address]).exists() and recent.count() < MOST


def _is_a_mailbox(address: str) -> bool:
    """Whether it is an address of this installation's own SMTP door: two shops must not thank each other for ever."""
    return InboundAddress.objects.filter(address=without_addition(address)).exists()
