"""A ticket that waits with the client Unsorted is given to the client it is of, with everything that stands on it.

Only out of Unsorted: between two clients a move would show the one what was said to the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clients.actions import add_contact, archive, give_promises
from clients.models import Client, Contact
from clients.queries import contacts_at
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.files.models import StoredFile
from msp.mail.actions import give_mail
from tickets.models import (
    Attachment,
    Call,
    LinkedAsset,
    Merge,
    Message,
    Rating,
    RecurringTicket,
    SlaClock,
    SolvedLink,
    SupplierWait,
    Task,
    Ticket,
    TicketLabel,
    TimeEntry,
    Watcher,
)
from tickets.queries.care import boost_of
from tickets.queries.incoming import who_asked
from tickets.rules import Refused
from tickets.signals import work_changed

from . import clocks
from .rows import make_findable, write
from .tickets import check_opening

_WHOSE = (Attachment, Merge, SlaClock, SupplierWait, Task, TicketLabel, TimeEntry)
_WHOSE_AND_WHO = (Call, Message, Rating, SolvedLink, Watcher)
GIVEN = (*_WHOSE, *_WHOSE_AND_WHO)
_TIES = ("merged_into_id", "follows_id", "rework_of_id")
_WRITTEN = ("client", "contact", "site", "asset", "boosted")

Ids = Collection[UUID]
People = Mapping[UUID | None, Contact]


def sort_ticket(*, actor: Actor, now: datetime, ticket: Ticket, client: Client, know: bool = False) -> Ticket:
    """Give a ticket of the client Unsorted to `client`, with what is tied to it; their service level counts from when it came in.

    `know`: whoever asked is their contact, made when there is none with this address; else the ticket has one only if the client
    knows the stranger already. Raises Refused for a ticket of any other client, and where something of it cannot go along.
    """
    with transaction.atomic():
        matter = _hold_matter(ticket)
        ticket = matter[ticket.pk]
        unsorted = ticket.client
        _check(matter, client, ticket)
        contact = _contact_there(actor, now, ticket, client) if know else None
        people = _known_people(matter.keys(), client)
        left = {each.contact for each in matter.values() if each.contact_id in people}
        _give_rows(matter.keys(), client, people)
        for each in matter.values():
            whose = contact if each.pk == ticket.pk and contact else people.get(each.contact_id)
            _give(actor, now, each, client, whose)
        for stranger in left:
            if not Ticket.objects.filter(client=unsorted, contact=stranger).exists():
                archive(actor=actor, now=now, row=stranger)
        try:
            connection.check_constraints()
        except IntegrityError:
            raise Refused(_("Something of it is written down elsewhere for good, so it stays.")) from None
    return ticket


def _hold_matter(ticket: Ticket) -> dict[UUID, Ticket]:
    """The ticket and what keys tie to it (merged, follow-ups, reworks), locked in key order: they can only go together."""
    found = {ticket.pk}
    while True:
        near = Q(pk__in=found) | Q(merged_into__in=found) | Q(follows__in=found) | Q(rework_of__in=found)
        rows = Ticket.objects.filter(near).values_list("pk", *_TIES)
        more = {key for row in rows for key in row if key} - found
        if not more:
            break
        found |= more
    held = Ticket.objects.select_for_update(of=("self",)).select_related("client", "contact", "assignee")
    return {each.pk: each for each in held.filter(pk__in=found).order_by("pk")}


def _check(matter: Mapping[UUID, Ticket], client: Client, ticket: Ticket) -> None:
    if client.is_unsorted or not ticket.client.is_unsorted:
        raise Refused(_("Only a ticket that nobody has sorted yet can be given to a client."))
    for each in matter.values():
        check_opening(client, each.assignee)
        if each.confidential_to_id:
            raise Refused(_("#%(number)s is confidential to its contact, so it stays.") % {"number": each.number})
    if TimeEntry.objects.filter(ticket__in=matter).exclude(locked_because="").exists():
        raise Refused(_("Time on it is locked already, so it stays."))


def _contact_there(actor: Actor, now: datetime, ticket: Ticket, client: Client) -> Contact | None:
    """Who asked, as a contact of the client. None when nobody knows an address."""
    name, address = who_asked(ticket)
    if not address:
        return None
    known = next((each for each in contacts_at(address) if each.client_id == client.pk), None)
    values = {"name": (name or address)[:120], "email": address, "language": client.language}
    return known or add_contact(actor=actor, now=now, client=client, values=values)


def _known_people(tickets: Ids, client: Client) -> People:
    """Who of Unsorted is a contact of the client, too, by their address. A stranger's key → the contact."""
    there: dict[str, Contact] = {}
    for person in Contact.objects.living().filter(client=client).exclude(email="").order_by("-pk"):
        there[person.email.lower()] = person
    named = Q(pk__in=Ticket.objects.filter(pk__in=tickets).values("contact"))
    for model in _WHOSE_AND_WHO:
        named |= Q(pk__in=model._default_manager.filter(ticket__in=tickets).values("contact"))
    strangers = Contact.objects.filter(named).exclude(email="").order_by("pk")
    return {each.pk: there.pop(key) for each in strangers if (key := each.email.lower()) in there}


def _give_rows(tickets: Ids, client: Client, people: People) -> None:
    """Whatever stands on the tickets. People whom the client does not know are named no more, and hear no more."""
    about: dict[str, Any] = {"ticket__in": tickets}
    nobody = Q(contact__isnull=False) & ~Q(contact__in=people)
    if Rating.objects.filter(nobody, **about).exists():
        raise Refused(_("Whoever rated it is no contact of %(client)s. Add them first.") % {"client": client.name})
    for gone in (Watcher, SolvedLink):
        gone.objects.filter(nobody, **about).delete()
    LinkedAsset.objects.filter(**about).delete()
    RecurringTicket.objects.filter(last_ticket__in=tickets).update(last_ticket=None)
    for said in (Call, Message):
        said.objects.filter(nobody, **about).update(contact=None)
    for named in _WHOSE_AND_WHO:
        for key, person in people.items():
            named._default_manager.filter(contact=key, **about).update(contact=person)
    for row in GIVEN:
        row._default_manager.filter(**about).update(client=client)
    files = Attachment.objects.filter(**about)
    kept = Q(pk__in=files.values("file")) | Q(pk__in=files.values("thumbnail"))
    StoredFile.objects.filter(kept).update(client_id=client.pk)
    give_promises(subject_kind="tickets.ticket", subject_ids=tickets, client=client, people=people)
    messages = Message.objects.filter(**about).values_list("pk", flat=True)
    give_mail(purpose_keys=[f"message:{pk}" for pk in messages], client_id=client.pk)


def _give(actor: Actor, now: datetime, ticket: Ticket, client: Client, contact: Contact | None) -> None:
    ticket.client, ticket.contact, ticket.asset = client, contact, None
    ticket.site = contact.site if contact else None
    ticket.boosted = boost_of(client) is not None
    write(ticket, now, *_WRITTEN)
    record(actor=actor, verb="ticket.sorted", subject=ticket, now=now, data={"client": client.name})
    clocks.on_client(actor=actor, now=now, ticket=ticket)
    make_findable(ticket)
    if ticket.solved_at is not None:
        work_changed.send(sender=Ticket, ticket=ticket, actor=actor, now=now)
