"""What became of an invoice's mails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from billing.models import Dispatch, Invoice
from msp.mail.choices import OPEN, MailState

_ARRIVED = (MailState.SENT, MailState.CAPTURED)  # a demo keeps mail instead of sending it
_WORST_FIRST = (
    MailState.FAILED,
    MailState.UNKNOWN,
    MailState.CANCELLED,
    MailState.QUEUED,
    MailState.SENDING,
    MailState.CAPTURED,
    MailState.SENT,
)


@dataclass(frozen=True)
class Sent:
    """How a sending stands. `at`: when the mail came to rest."""

    state: str
    at: datetime | None

    @property
    def is_sent(self) -> bool:
        return self.state in _ARRIVED

    @property
    def is_unknown(self) -> bool:
        """The server may have it or not; a person decides on the mail's own page."""
        return self.state == MailState.UNKNOWN

    @property
    def is_failed(self) -> bool:
        return self.state in (MailState.FAILED, MailState.CANCELLED)

    @property
    def is_moving(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True)
class Delivery:
    recipient: str
    mail_id: UUID
    sent: Sent


@dataclass(frozen=True)
class OnTime:
    """Of the invoices `sent`, how many were `kept` within the promised time."""

    sent: int
    kept: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.kept / self.sent) if self.sent else None


def sent_states(invoice_ids: Collection[UUID]) -> dict[UUID, Sent]:
    """Invoice id -> how its sending stands, over all recipients: the worst news wins. One query."""
    rows = Dispatch.objects.filter(invoice__in=invoice_ids)
    found: dict[UUID, list[Sent]] = defaultdict(list)
    for invoice_id, state, at in rows.values_list("invoice_id", "mail__state", "mail__finished_at"):
        found[invoice_id].append(Sent(state, at))
    return {invoice_id: _worst(states) for invoice_id, states in found.items()}


def _worst(states: Iterable[Sent]) -> Sent:
    return min(states, key=lambda sent: _WORST_FIRST.index(MailState(sent.state)))


def deliveries(invoice: Invoice) -> list[Delivery]:
    """The mails of one invoice, by recipient."""
    rows = Dispatch.objects.filter(invoice=invoice).select_related("mail").order_by("recipient")
    return [Delivery(row.recipient, row.mail_id, Sent(row.mail.state, row.mail.finished_at)) for row in rows]


def sent_on_time(since: datetime, within: timedelta) -> OnTime:
    """Invoices of finished work whose mail arrived since then, and those that did within the promised time."""
    arrived = Invoice.objects.filter(
        dispatches__mail__state__in=_ARRIVED, dispatches__queued_at__gte=since, work_finished_at__isnull=False
    )
    in_time = Q(dispatches__mail__finished_at__lte=F("work_finished_at") + within)
    numbers = arrived.aggregate(sent=Count("pk", distinct=True), kept=Count("pk", distinct=True, filter=in_time))
    return OnTime(**numbers)
