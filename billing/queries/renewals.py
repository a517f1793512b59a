"""What has to be decided soon: terms that end, blocks that run out, periods that were not charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, ExpressionWrapper, F, Q, QuerySet

from billing.choices import AgreementState, BlockKind, Renewal
from billing.models import Agreement, Block

AHEAD = timedelta(days=60)
SHOWN = 100


@dataclass(frozen=True)
class Ending:
    """An agreement whose term ends: until when notice can be given."""

    agreement: Agreement
    notice_by: date
    today: date

    @property
    def is_late(self) -> bool:
        return self.notice_by < self.today

    @property
    def needs_us(self) -> bool:
        """Without a word it ends."""
        return self.agreement.renewal != Renewal.AUTOMATIC


@dataclass(frozen=True)
class RunningOut:
    """A prepaid block that expires soon, or that little is left of."""

    block: Block
    expires_soon: bool
    is_low: bool


def ending(today: date) -> QuerySet[Agreement]:
    """Agreements in force whose notice day is near or past, the first end first."""
    by = ExpressionWrapper(F("ends_on") - F("notice_days"), output_field=DateField())
    rows = Agreement.objects.filter(state=AgreementState.ACTIVE, ends_on__isnull=False)
    soon = rows.annotate(say_by=by).filter(say_by__lte=today + AHEAD)
    return soon.select_related("client").order_by("ends_on", "id")


def running_out(today: date) -> QuerySet[Block]:
    """Prepaid blocks with something left that expire within their days of notice, and those that little is left of."""
    by = ExpressionWrapper(F("expires_on") - F("notice_days"), output_field=DateField())
    rows = Block.objects.filter(closed_at=None, kind=BlockKind.PREPAID, agreement__state=AgreementState.ACTIVE)
    expires = Q(expires_on__isnull=False, tell_on__lte=today, left__gt=0)
    low = Q(left__lt=F("size") * F("low_percent") / 100)
    named = rows.annotate(tell_on=by).filter(expires | low)
    return named.select_related("agreement__client").order_by(F("expires_on").asc(nulls_last=True), "id")


def notice_by(row: Agreement) -> date:
    """The last day to give notice for the end of the term."""
    return (row.ends_on or date.max) - timedelta(days=row.notice_days)


def renewals(today: date) -> tuple[list[Ending], list[RunningOut]]:
    """Two queries."""
    terms = [Ending(row, notice_by(row), today) for row in ending(today)[:SHOWN]]
    blocks = [
        RunningOut(
            row,
            row.expires_on is not None and row.expires_on - timedelta(days=row.notice_days) <= today and row.left > 0,
            row.is_low(),
        )
        for row in running_out(today)[:SHOWN]
    ]
    return terms, blocks


def waiting_renewals(today: date) -> QuerySet[Agreement, Any]:
    """Agreements that end without a word and whose end is near: they wait for somebody, to be counted."""
    return ending(today).exclude(renewal=Renewal.AUTOMATIC).values("pk")
