"""Work that was done and is on no invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum

from billing.models import FinishedWork, Part
from billing.models.invoices import SENT_WITHIN
from billing.models.parts import PartQuerySet
from billing.rules import money
from billing.rules.terms import Terms
from billing.rules.waiting import Waits
from clients.models import Client
from tickets.models import TimeEntry, TimeEntryQuerySet

from .estimates import agreed_amounts
from .terms import terms_of

_NAMED = 3  # open tickets that are named beside a client


@dataclass(frozen=True)
class TicketWork:
    """The unbilled time of one solved ticket."""

    ticket_id: UUID
    number: int
    subject: str
    finished_at: datetime
    minutes: int
    amount: Decimal | None


@dataclass(frozen=True)
class ClientWork:
    """The finished work of one client, the oldest ticket first."""

    client: Client
    terms: Terms
    tickets: list[TicketWork]  # never empty
    waits: Waits | None = None  # why it is not billed yet, where somebody asked

    @property
    def minutes(self) -> int:
        return sum(work.minutes for work in self.tickets)

    @property
    def amount(self) -> Decimal | None:
        """What a draft of it would come to before tax; None without a rate."""
        amounts = [work.amount for work in self.tickets]
        return None if None in amounts else sum((a for a in amounts if a is not None), money.ZERO)

    @property
    def oldest_at(self) -> datetime:
        return self.tickets[0].finished_at

    @property
    def send_by(self) -> datetime:
        return self.oldest_at + SENT_WITHIN

    @property
    def lacks_rate(self) -> bool:
        return self.terms.hourly_rate is None

    @property
    def lacks_tax(self) -> bool:
        return self.terms.tax_rate is None


@dataclass(frozen=True)
class OpenWork:
    """The unbilled time of one client's open tickets: it waits for them to be solved."""

    client: Client
    can_draft: bool
    minutes: int
    numbers: list[int]  # of the first few tickets
    oldest_at: datetime  # when the first of it began
    people: list[str]  # who has the tickets in hand, without nobody
    more: int  # tickets that are not named


def finished_time() -> TimeEntryQuerySet:
    """Billable time of solved tickets that no line has taken."""
    return TimeEntry.objects.unbilled().filter(finished_at__isnull=False)


def open_time() -> TimeEntryQuerySet:
    """Billable time of tickets that are not solved yet, and that no line has taken."""
    return TimeEntry.objects.unbilled().filter(finished_at=None)


def clients_with_finished_work() -> QuerySet[Client]:
    """Who has finished work on no invoice, or some that is on its way."""
    waits = FinishedWork.objects.filter(client=OuterRef("pk"), settled_at=None)
    mine = Q(Exists(finished_time().filter(client=OuterRef("pk")))) | Q(Exists(waits))
    return Client.objects.filter(mine, is_unsorted=False).order_by("id")


def clients_finished_before(until: datetime) -> QuerySet[Client]:
    """Who has work finished before then on no invoice."""
    time = finished_time().filter(client=OuterRef("pk"), finished_at__lt=until)
    parts = Part.objects.unbilled().filter(client=OuterRef("pk"), ticket__solved_at__lt=until)
    return Client.objects.filter(Q(Exists(time)) | Q(Exists(parts)), is_unsorted=False).order_by("name", "id")


def clients_with_open_time() -> QuerySet[Client]:
    return Client.objects.filter(Exists(open_time().filter(client=OuterRef("pk"))))


def open_work(clients: Iterable[Client]) -> list[OpenWork]:
    """What waits, for one page of clients. Four queries."""
    clients = list(clients)
    terms = terms_of(clients)
    rows = (
        open_time()
        .filter(client__in=clients)
        .values_list("client_id", "ticket__number", "ticket__assignee__name")
        .annotate(worked=Sum("minutes"), began=Min("started_at"))
        .order_by("ticket__number")
    )
    found: dict[UUID, list[tuple[int, str | None, int, datetime]]] = defaultdict(list)
    for client_id, *row in rows:
        found[client_id].append(tuple(row))
    return [
        OpenWork(
            client,
            terms[client.pk].is_complete,
            sum(minutes for _number, _who, minutes, _began in mine),
            [number for number, *_rest in mine[:_NAMED]],
            min(began for *_rest, began in mine),
            list(dict.fromkeys(who for _number, who, *_rest in mine if who)),
            max(0, len(mine) - _NAMED),
        )
        for client in clients
        if (mine := found[client.pk])
    ]


def finished_work(client: Client | None = None) -> list[ClientWork]:
    """Finished work on no invoice by client, the longest finished first, at what its agreements say. Twelve queries at most."""
    entries = finished_time().filter(client=client) if client else finished_time()
    rows = (
        entries.values_list("client_id", "ticket_id", "ticket__number", "ticket__subject", "finished_at")
        .annotate(worked=Sum("minutes"))
        .order_by("finished_at", "ticket__number")
    )
    by_client: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for client_id, *row in [*rows, *_tickets_of_parts_alone(client, {row[1] for row in rows})]:
        by_client[client_id].append(tuple(row))
    parts = _parts(client)
    clients = Client.objects.in_bulk(list(by_client))
    terms = terms_of(clients.values())
    agreed = agreed_amounts(clients.values(), terms)
    work = [
        ClientWork(
            c,
            terms[pk],
            sorted(
                (_ticket_work(row, terms[pk], agreed, parts) for row in by_client[pk]),
                key=lambda ticket: (ticket.finished_at, ticket.number),
            ),
        )
        for pk, c in clients.items()
    ]
    return sorted(work, key=lambda w: (w.oldest_at, w.client.name))


def _tickets_of_parts_alone(client: Client | None, known: set[UUID]) -> list[tuple[Any, ...]]:
    """Solved tickets that have parts to bill and no time, as rows without minutes."""
    what = ("client_id", "ticket_id", "ticket__number", "ticket__subject", "ticket__solved_at")
    rows = _finished_parts(client).exclude(ticket__in=known).values_list(*what).distinct()
    return [(*row, 0) for row in rows]


def _finished_parts(client: Client | None) -> PartQuerySet:
    parts: PartQuerySet = Part.objects.unbilled().filter(ticket__solved_at__isnull=False)
    return parts.filter(client=client) if client else parts


def _parts(client: Client | None) -> dict[UUID, Decimal]:
    """Ticket id → what its parts come to."""
    found: dict[UUID, Decimal] = defaultdict(lambda: money.ZERO)
    for part in _finished_parts(client):
        found[part.ticket_id] += money.line_amount(part.quantity, part.price, part.currency)
    return found


def _ticket_work(
    row: tuple[Any, ...], terms: Terms, agreed: Mapping[UUID, Decimal | None], parts: Mapping[UUID, Decimal]
) -> TicketWork:
    ticket_id, number, subject, finished_at, minutes = row
    rate = terms.hourly_rate
    amount = None if rate is None else money.line_amount(money.hours(minutes), rate, terms.currency)
    amount = agreed.get(ticket_id, amount)
    amount = None if amount is None else amount + parts[ticket_id]
    return TicketWork(ticket_id, number, subject, finished_at, minutes, amount)
