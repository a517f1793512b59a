"""Finished work that is not out yet: what of it is unbilled, what is on its way, and what holds for the client's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Greatest

from billing.choices import OPEN, Grouping
from billing.models import (
    AgreementVersion,
    ClientTerms,
    Dispatch,
    FinishedWork,
    Invoice,
    InvoiceLine,
    LineTime,
    Part,
    Printing,
)
from billing.rules.clock import ClockTerms, counted_from, period_of, promised_at
from clients.models import Client
from msp.accounts.choices import Role
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from tickets.models import TimeEntry

from .agreements import agreement_for, agreements_for
from .terms import client_terms, shop

_SEEN_AT = Greatest("finished_at", "created_at")  # time written down late is late from then on


@dataclass(frozen=True, order=True)
class Key:
    """Which finished work goes together: a ticket's, or that of a week or month."""

    grouping: str
    ticket_id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class Piece:
    """Unbilled time or an unbilled part of a solved ticket; `at`: since when it waits for its invoice."""

    ticket_id: UUID
    at: datetime


@dataclass(frozen=True)
class Standing:
    """How far the work of one row is. `waiting`: invoices that have it and are not out; `out_at`: when the last of the others left."""

    waiting: list[Invoice]
    out_at: datetime | None


def clock_terms(client: Client, now: datetime) -> ClockTerms:
    """How the client's finished work becomes invoices today: as its agreement says, else its terms, else the shop. Six queries."""
    zone = ZoneInfo(shop().identity.zone)
    return _clock_terms(agreement_for(client, now.astimezone(zone).date()), client_terms(client), zone)


def clock_terms_of(clients: Iterable[Client], now: datetime) -> dict[UUID, ClockTerms]:
    """Client id → the same, in as many queries for any number of clients."""
    clients, zone = list(clients), ZoneInfo(shop().identity.zone)
    versions = agreements_for(clients, now.astimezone(zone).date())
    own = {row.client_id: row for row in ClientTerms.objects.filter(client__in=clients)}
    return {c.pk: _clock_terms(versions.get(c.pk), own.get(c.pk) or ClientTerms(client=c), zone) for c in clients}


def _clock_terms(version: AgreementVersion | None, own: ClientTerms, zone: ZoneInfo) -> ClockTerms:
    billing = shop().billing
    if version is not None:
        words: tuple[str, int, bool] = version.grouping, version.sent_within_hours, version.weekend_counts
    else:
        words = own.grouping, own.sent_within_hours or billing.sent_within_hours, billing.weekend_counts
    grouping, hours, weekend = words
    return ClockTerms(Grouping(grouping), hours, weekend, zone, billing.drafts_automatically)


def promised_for(invoice: Invoice) -> datetime | None:
    """By when an invoice was promised to be out. Where nobody has looked at its work yet: when that promise would be."""
    finished = invoice.work_finished_at
    if invoice.promised_at is not None or finished is None:
        return invoice.promised_at
    terms = clock_terms(invoice.client, finished)
    return promised_at(counted_from(finished, terms), terms)


def pieces_of(client: Client) -> list[Piece]:
    """The client's finished work on no invoice, piece by piece. Two queries."""
    entries = TimeEntry.objects.unbilled().filter(client=client, finished_at__isnull=False)
    found = [Piece(*row) for row in entries.annotate(at=_SEEN_AT).values_list("ticket_id", "at")]
    parts = Part.objects.unbilled().filter(client=client, ticket__solved_at__isnull=False)
    seen = Greatest("ticket__solved_at", "added_at")
    return found + [Piece(*row) for row in parts.annotate(at=seen).values_list("ticket_id", "at")]


def drafted_pieces(client: Client) -> list[Piece]:
    """The client's finished time on drafts: somebody may have drafted it before anybody looked."""
    rows = LineTime.objects.filter(
        time_entry__client=client, time_entry__finished_at__isnull=False, line__invoice__status__in=OPEN
    )
    seen = Greatest("time_entry__finished_at", "time_entry__created_at")
    return [Piece(*row) for row in rows.annotate(at=seen).values_list("time_entry__ticket", "at")]


def key_of(piece: Piece, terms: ClockTerms) -> Key:
    """What the piece belongs to, as the client's work is grouped today."""
    if terms.grouping == Grouping.JOB:
        return Key(terms.grouping, piece.ticket_id, None, None)
    period = period_of(terms.grouping, piece.at, terms.zone)
    return Key(terms.grouping, None, period.starts_at, period.ends_at)


def key_of_row(work: FinishedWork) -> Key:
    return Key(work.grouping, work.ticket_id, work.starts_at, work.ends_at)


def standing_of(work: FinishedWork) -> Standing:
    """Which invoices have of this work, and whether they are out. Five queries."""
    lines = InvoiceLine.objects.filter(Q(pk__in=_lines_of_time(work)) | Q(pk__in=_lines_of_parts(work)))
    invoices = list(Invoice.objects.filter(pk__in=lines.values("invoice")).order_by("id"))
    out = out_at([invoice.pk for invoice in invoices])
    left = [out[invoice.pk] for invoice in invoices if invoice.pk in out]
    return Standing([invoice for invoice in invoices if invoice.pk not in out], max(left, default=None))


def _lines_of_time(work: FinishedWork) -> QuerySet[LineTime, UUID]:
    rows = LineTime.objects.filter(time_entry__client=work.client_id)
    if work.ticket_id:
        return rows.filter(time_entry__ticket=work.ticket_id).values_list("line", flat=True)
    seen = Greatest("time_entry__finished_at", "time_entry__created_at")
    rows = rows.annotate(at=seen).filter(at__gte=work.starts_at, at__lt=work.ends_at)
    return rows.values_list("line", flat=True)


def _lines_of_parts(work: FinishedWork) -> QuerySet[Part, UUID]:
    rows = Part.objects.filter(client=work.client_id, line__isnull=False)
    if work.ticket_id:
        return rows.filter(ticket=work.ticket_id).values_list("line", flat=True)
    seen = Greatest("ticket__solved_at", "added_at")
    rows = rows.annotate(at=seen).filter(at__gte=work.starts_at, at__lt=work.ends_at)
    return rows.values_list("line", flat=True)


def out_at(invoice_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Invoice id → when it was handed over to be sent, or printed; the others are not out."""
    ids = list(invoice_ids)
    mailed = Dispatch.objects.filter(invoice__in=ids).values_list("invoice").annotate(at=Max("queued_at"))
    printed = Printing.objects.filter(invoice__in=ids, printed_at__isnull=False).values_list("invoice", "printed_at")
    found: dict[UUID, datetime] = {}
    for invoice_id, at in [*mailed, *printed]:
        found[invoice_id] = max(at, found.get(invoice_id, at))
    return found


def whose_promise() -> Membership | None:
    """Who keeps the promise that invoices go out: the office manager, where there is one."""
    office = [member for member in staff() if Role.OFFICE_MANAGER in member.roles]
    return min(office, key=lambda member: member.pk, default=None)
