"""Periods charged at their end, and milestones: what of a client's is finished, and on which invoice it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from billing.choices import AgreementState, Finished
from billing.models import Agreement, AgreementCharge, AgreementVersion, FinishedWork, Invoice, Milestone
from billing.rules.clock import ClockTerms, midnight
from billing.rules.proration import Period
from clients.models import Client
from msp.audit.models import Entry

from .agreements import version_on
from .charging import due_periods
from .terms import shop

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ChargeKey:
    """Which period or milestone; `ends_at` of a period."""

    agreement_id: UUID
    milestone_id: UUID | None
    ends_at: datetime | None


@dataclass(frozen=True)
class FinishedCharge:
    """`at`: when it was finished. `invoice`: what it stands on, None while nobody has drafted it."""

    agreement: Agreement
    at: datetime
    invoice: Invoice | None
    milestone: Milestone | None = None
    period: Period | None = None

    @property
    def kind(self) -> Finished:
        return Finished.MILESTONE if self.milestone else Finished.PERIOD


def finished_charges(client: Client, now: datetime) -> dict[ChargeKey, FinishedCharge]:
    """What the client's agreements have to bill: milestones that were reached, and periods that are over, charged or not.

    What is charged ahead is not finished, so it is left out.
    """
    found: dict[ChargeKey, FinishedCharge] = {}
    steps = Milestone.objects.filter(client=client, reached_at__isnull=False)
    for step in steps.select_related("agreement", "line__invoice").order_by("id"):
        invoice = step.line.invoice if step.line else None
        key = ChargeKey(step.agreement_id, step.pk, None)
        found[key] = FinishedCharge(step.agreement, step.reached_at or now, invoice, milestone=step)
    zone = ZoneInfo(shop().identity.zone)
    afterwards = Agreement.objects.filter(client=client, in_advance=False).exclude(state=AgreementState.DRAFT)
    for agreement in afterwards.order_by("id"):
        for period, invoice in _periods(agreement, now.astimezone(zone).date()):
            key = ChargeKey(agreement.pk, None, midnight(period.end + _DAY, zone))
            at = period_finished_at(agreement, period, zone)
            found[key] = FinishedCharge(agreement, at, invoice, period=period)
    return found


def _periods(agreement: Agreement, today: date) -> Iterator[tuple[Period, Invoice | None]]:
    for charge in AgreementCharge.objects.filter(agreement=agreement).select_related("invoice").order_by("id"):
        yield Period(charge.period_start, charge.period_end), charge.invoice
    for waiting in due_periods(agreement, today):
        yield waiting.period, None


def period_finished_at(agreement: Agreement, period: Period, zone: ZoneInfo) -> datetime:
    """The moment after a period's last day; when it came into force, for an agreement written down later."""
    over = midnight(min(period.end, agreement.last_day or date.max) + _DAY, zone)
    entries = Entry.objects.filter(subject_kind="billing.agreement", subject_id=agreement.pk)
    begun = entries.filter(verb="agreement.activated").order_by("at").values_list("at", flat=True).first()
    return max(over, begun) if begun else over


def charge_terms(charge: FinishedCharge) -> ClockTerms:
    """How soon the invoice is promised, by the version in force when it was finished."""
    zone = ZoneInfo(shop().identity.zone)
    versions = list(AgreementVersion.objects.filter(agreement=charge.agreement).order_by("valid_from"))
    said = version_on(versions, charge.at.astimezone(zone).date()) or versions[0]
    return ClockTerms(charge.kind, said.sent_within_hours, said.weekend_counts, zone)


def key_of_charge(work: FinishedWork) -> ChargeKey:
    assert work.agreement_id is not None
    return ChargeKey(work.agreement_id, work.milestone_id, work.ends_at)
