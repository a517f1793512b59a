"""The invoice review page: what can go, what is held and why, what passes 48 hours next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from billing.models.invoices import SENT_WITHIN
from billing.rules import money

from .review import Reviewed, in_review
from .sending import OnTime, sent_on_time
from .terms import shop
from .work import finished_work

LIMIT = 200  # invoices checked on one page
MEASURED = timedelta(days=30)


@dataclass(frozen=True)
class Group:
    """Invoices that stand alike, the next to pass 48 hours first."""

    rows: list[Reviewed]
    currency: str

    @property
    def total(self) -> Decimal:
        """In the shop's currency; others are not added up."""
        return sum((r.invoice.total for r in self.rows if r.invoice.currency == self.currency), money.ZERO)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Board:
    currency: str
    held: Group
    ready: Group
    leaving: Group
    late: list[Reviewed]
    unbilled_total: Decimal
    unbilled_tickets: int
    unbilled_oldest: datetime | None
    on_time: OnTime
    is_cut: bool

    @property
    def rows(self) -> list[Reviewed]:
        return self.held.rows + self.ready.rows + self.leaving.rows

    def marks(self) -> list[object]:
        """What the page shows, without the clocks: equal marks, nothing new."""
        rows: list[object] = [
            (r.invoice.pk, r.invoice.status, r.invoice.checked_by, r.invoice.total, r.report.findings)
            for r in self.rows
        ]
        return [*rows, self.unbilled_total, self.unbilled_tickets, self.on_time]

    def chosen(self, invoice_id: str) -> Reviewed | None:
        """The invoice shown beside the queue: the asked one, else the first."""
        return next((row for row in self.rows if str(row.invoice.pk) == invoice_id), next(iter(self.rows), None))


def review_board(now: datetime) -> Board:
    """The whole page in a constant number of queries."""
    currency = shop().defaults.currency
    rows = in_review(now, LIMIT + 1)
    shown = rows[:LIMIT]
    work = [ticket for client in finished_work() for ticket in client.tickets if client.terms.currency == currency]
    return Board(
        currency=currency,
        held=_group((row for row in shown if row.is_held), currency),
        ready=_group((row for row in shown if row.can_go), currency),
        leaving=_group((row for row in shown if row.is_leaving), currency),
        late=[row for row in shown if row.invoice.send_by and row.invoice.send_by < now],
        unbilled_total=sum((ticket.amount for ticket in work if ticket.amount is not None), money.ZERO),
        unbilled_tickets=len(work),
        unbilled_oldest=min((ticket.finished_at for ticket in work), default=None),
        on_time=sent_on_time(now - MEASURED, SENT_WITHIN),
        is_cut=len(rows) > LIMIT,
    )


def _group(rows: Iterable[Reviewed], currency: str) -> Group:
    return Group(list(rows), currency)
