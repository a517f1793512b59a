"""Work that was done and is on no invoice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Sum

from billing.models.invoices import SENT_WITHIN
from billing.rules import money
from billing.rules.terms import Terms
from clients.models import Client
from tickets.models import TimeEntry, TimeEntryQuerySet

from .terms import terms_of


@dataclass(frozen=True)
class TicketWork:
    """The unbilled time of one ticket. `finished_at` None: still open, so it waits."""

    ticket_id: UUID
    number: int
    subject: str
    finished_at: datetime | None
    minutes: int
    entries: int
    last_at: datetime
    amount: Decimal | None


@dataclass(frozen=True)
class ClientWork:
    """The unbilled time of one client, oldest finished ticket first."""

    client: Client
    terms: Terms
    tickets: list[TicketWork]

    @property
    def finished(self) -> list[TicketWork]:
        return [work for work in self.tickets if work.finished_at]

    @property
    def unfinished(self) -> list[TicketWork]:
        return [work for work in self.tickets if not work.finished_at]

    @property
    def minutes(self) -> int:
        return sum(work.minutes for work in self.finished)

    @property
    def open_minutes(self) -> int:
        return sum(work.minutes for work in self.unfinished)

    @property
    def amount(self) -> Decimal | None:
        """What a draft of the finished tickets would come to before tax; None without a rate."""
        amounts = [work.amount for work in self.finished]
        return None if None in amounts else sum((a for a in amounts if a is not None), money.ZERO)

    @property
    def oldest_at(self) -> datetime | None:
        return min((work.finished_at for work in self.finished if work.finished_at), default=None)

    @property
    def send_by(self) -> datetime | None:
        return self.oldest_at + SENT_WITHIN if self.oldest_at else None

    @property
    def lacks_rate(self) -> bool:
        return self.terms.hourly_rate is None

    @property
    def lacks_tax(self) -> bool:
        return self.terms.tax_rate is None

    @property
    def can_draft(self) -> bool:
        return bool(self.finished) and not self.lacks_rate and not self.lacks_tax


def unbilled_time() -> TimeEntryQuerySet:
    """Billable time entries that no line has taken."""
    return TimeEntry.objects.unlocked().filter(is_billable=True)


def unbilled_work(client: Client | None = None) -> list[ClientWork]:
    """Unbilled work by client, the longest finished first, then what is still open. Five queries."""
    entries = unbilled_time().filter(client=client) if client else unbilled_time()
    rows = (
        entries.values_list("client_id", "ticket_id", "ticket__number", "ticket__subject", "ticket__solved_at")
        .annotate(worked=Sum("minutes"), count=Count("id"), last_at=Max("started_at"))
        .order_by("ticket__solved_at", "ticket__number")
    )
    by_client: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for client_id, *row in rows:
        by_client[client_id].append(tuple(row))
    clients = Client.objects.in_bulk(list(by_client))
    terms = terms_of(clients.values())
    work = [
        ClientWork(c, terms[pk], [_ticket_work(row, terms[pk]) for row in by_client[pk]]) for pk, c in clients.items()
    ]
    return sorted(work, key=lambda w: (w.oldest_at is None, w.oldest_at or w.tickets[0].last_at, w.client.name))


def _ticket_work(row: tuple[Any, ...], terms: Terms) -> TicketWork:
    ticket_id, number, subject, finished_at, minutes, entries, last_at = row
    rate = terms.hourly_rate
    amount = None if rate is None else money.line_amount(money.hours(minutes), rate, terms.currency)
    return TicketWork(ticket_id, number, subject, finished_at, minutes, entries, last_at, amount)
