"""Who calls, what is open for them, and how many calls there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import phonenumbers
from django.db.models import Avg, Count, F, Q
from django.db.models.functions import TruncDate

from clients.choices import NameKind
from clients.models import Client, Contact, KnownName, Promise
from clients.queries import client_list, shop_zone
from clients.rules.names import phone_key
from msp.accounts.models import ShopSettings
from tickets.choices import Status
from tickets.models import Call, Ticket

SHOWN = 8
MEASURED = timedelta(days=30)


@dataclass(frozen=True)
class Caller:
    """Somebody who may be calling: a person, or a client of whom nobody is known by that number."""

    client: Client
    contact: Contact | None

    @property
    def asked(self) -> str:
        """How a link names them."""
        return f"contact={self.contact.pk}" if self.contact else f"client={self.client.slug}"


def callers(text: str) -> list[Caller]:
    """Who has this number, else whose name begins so. Four queries at most."""
    by_number = _by_number(text)
    if by_number or not any(letter.isalpha() for letter in text):
        return by_number
    people = Contact.objects.living().filter(client__archived_at=None).select_related("client")
    for word in text.split()[:4]:
        people = people.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    found = [Caller(person.client, person) for person in people.order_by("name", "id")[:SHOWN]]
    clients = client_list(words=text).filter(is_unsorted=False).order_by("name")[: SHOWN - len(found)]
    return found + [Caller(client, None) for client in clients]


def _by_number(text: str) -> list[Caller]:
    country = ShopSettings.objects.values_list("country", flat=True).get()
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return []
    key = phone_key(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    sources = KnownName.objects.filter(key=key, kind=NameKind.PHONE).values_list("source_id", "client_id")
    ids, clients = {row[0] for row in sources}, {row[1] for row in sources}
    people = Contact.objects.living().filter(pk__in=ids).select_related("client").order_by("name")
    found = [Caller(person.client, person) for person in people if not person.client.is_archived]
    # The number of a company or a site: everybody there may be calling, so nobody is named.
    known = {caller.client.pk for caller in found}
    rest = Client.objects.living().filter(pk__in=clients - known, pk__isnull=False).order_by("name")
    return found + [Caller(client, None) for client in rest]


def caller_named(contact_id: str, slug: str) -> Caller | None:
    """The caller that a link names; None when there is none such."""
    people = Contact.objects.living().select_related("client").filter(client__archived_at=None)
    if contact_id and (contact := people.filter(pk=contact_id).first()):
        return Caller(contact.client, contact)
    client = Client.objects.living().filter(slug=slug).first() if slug else None
    return Caller(client, None) if client else None


def unsorted_client() -> Client:
    """Where calls of strangers wait until someone sorts them."""
    return Client.objects.get(is_unsorted=True)


@dataclass(frozen=True)
class Known:
    """What whoever picks up should know of a caller."""

    tickets: list[Ticket]
    promises: list[Promise]


def known_of(caller: Caller) -> Known:
    """Open tickets, the caller's own first, and what is promised next. Two queries."""
    rows = Ticket.objects.filter(~Q(status=Status.SOLVED), client=caller.client).select_related("assignee", "contact")
    tickets = list(rows.defer("summary").order_by("queue_at", "number")[:50])
    me = caller.contact.pk if caller.contact else None
    tickets.sort(key=lambda ticket: ticket.contact_id != me)
    promised = Promise.objects.filter(client=caller.client).unkept().order_by("promised_at", "id")
    return Known(tickets[:SHOWN], list(promised[:SHOWN]))


@dataclass(frozen=True)
class CallDay:
    day: date
    number: int
    emergencies: int
    seconds: int  # of an average call


def calls_by_day(now: datetime) -> Sequence[CallDay]:
    """The calls of MEASURED, by day in the shop's zone, the latest first. One query and the zone's."""
    rows = Call.objects.filter(started_at__gt=now - MEASURED)
    counted = (
        rows.annotate(day=TruncDate("started_at", tzinfo=shop_zone()))
        .values("day")
        .annotate(
            number=Count("pk"),
            emergencies=Count("pk", filter=Q(is_emergency=True)),
            length=Avg(F("ended_at") - F("started_at")),
        )
        .order_by("-day")
    )
    return [
        CallDay(row["day"], row["number"], row["emergencies"], int(row["length"].total_seconds())) for row in counted
    ]
