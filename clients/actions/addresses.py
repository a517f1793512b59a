"""What mail teaches about people's addresses: that they bounce, that they live, that somebody writes whom nobody knew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clients.models import Client, Contact
from msp.accounts.rules import Actor
from msp.audit.actions import record

from .records import add_contact


def mark_bouncing(*, actor: Actor, now: datetime, contact: Contact, words: str) -> Contact:
    """Mail to the contact's address came back; `words` are the mail server's. Shown until the address changes or writes."""
    with transaction.atomic():
        contact = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
        was_known = contact.bounced_at is not None
        contact.bounced_at, contact.bounce_words = now, words.replace("\x00", "")[:300]
        contact.save(update_fields=["bounced_at", "bounce_words"])
        if not was_known:
            data = {"name": contact.name, "email": contact.email}
            record(actor=actor, verb="contact.bounced", subject=contact, now=now, data=data)
    return contact


def clear_bounce(*, actor: Actor, now: datetime, contact: Contact) -> None:
    """The address works after all: its owner has written."""
    if contact.bounced_at is None:
        return
    with transaction.atomic():
        contact.bounced_at, contact.bounce_words = None, ""
        contact.save(update_fields=["bounced_at", "bounce_words"])
        data = {"name": contact.name, "email": contact.email}
        record(actor=actor, verb="contact.reached", subject=contact, now=now, data=data)


def stranger_as_contact(*, actor: Actor, now: datetime, name: str, address: str) -> Contact | None:
    """The contact of the client Unsorted with this address, made when there is none, so that one can answer. None without the client."""
    unsorted = Client.objects.filter(is_unsorted=True).first()
    if unsorted is None:
        return None
    known = Contact.objects.living().filter(client=unsorted, email__iexact=address).first()
    if known is not None:
        return known
    values = {"name": (name or address)[:120], "email": address, "language": unsorted.language}
    return add_contact(actor=actor, now=now, client=unsorted, values=values)
