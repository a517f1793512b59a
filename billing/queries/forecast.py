"""Projects and fixed fees: planned against worked so far, and where their term is heading. The owner's to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, DateField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from billing.choices import AgreementKind, AgreementState
from billing.models import (
    Agreement,
    AgreementItem,
    AgreementTicket,
    AgreementVersion,
    CoveredTime,
    ItemCount,
    Milestone,
)
from billing.rules.costing import months_back
from billing.rules.forecasting import Outlook, elapsed, periods_in, term_of
from billing.rules.money import ZERO
from billing.rules.proration import Period
from msp.accounts.queries import settings_of_shop

from .agreements import version_on, versions_of
from .charging import COUNTED, items_of
from .profit import SHOWN, costed, window, work_by

_FORECAST = (AgreementKind.PROJECT, AgreementKind.FIXED, AgreementKind.RETAINER)
_HOUR = 60


@dataclass(frozen=True)
class Forecast:
    """An agreement in force. `term`: a project's from its start on."""

    agreement: Agreement
    term: Period
    outlook: Outlook


def forecasts(today: date) -> list[Forecast]:
    """The agreements in force in the shop's currency, the least profitable first; at most SHOWN, the newest. Seven queries, or one."""
    rows = Agreement.objects.filter(
        state=AgreementState.ACTIVE, kind__in=_FORECAST, currency=settings_of_shop().currency, starts_on__lte=today
    )
    agreements = list(rows.select_related("client").order_by("-starts_on", "-id")[:SHOWN])
    if not agreements:
        return []
    terms = {row.pk: _term(row, today) for row in agreements}
    worked = _worked({pk: term.start for pk, term in terms.items()}, today)
    usual = _usual_hour(today)
    fees = _fees(agreements, terms, today)
    found = []
    for row in agreements:
        minutes, cost = worked.get(row.pk, (0, ZERO))
        hour = cost * _HOUR / minutes if minutes and cost else usual
        fee, planned, done = fees[row.pk]
        found.append(Forecast(row, terms[row.pk], Outlook(planned, minutes, done, fee, cost, hour)))
    return sorted(found, key=_dearest)


def _dearest(row: Forecast) -> tuple[bool, Decimal, str]:
    margin = row.outlook.margin
    return margin is None, margin.profit if margin else ZERO, row.agreement.name


def _term(row: Agreement, today: date) -> Period:
    if row.kind == AgreementKind.PROJECT:
        return Period(row.starts_on, max(row.ends_on or today, today))
    return term_of(row.starts_on, row.ends_on, row.term_months, today)


def _worked(since: Mapping[UUID, date], today: date) -> dict[UUID, tuple[int, Decimal]]:
    """Agreement id -> minutes and loaded cost since its day: of tickets put under it, and of work that it bore. One query."""
    put = AgreementTicket.objects.filter(ticket=OuterRef("ticket")).values("agreement")[:1]
    bore = CoveredTime.objects.filter(time_entry=OuterRef("pk")).values("work__agreement")[:1]
    begins = Case(*(When(agreement=pk, then=Value(day)) for pk, day in since.items()), output_field=DateField())
    entries: Any = costed(window(min(since.values()), today))
    entries = entries.annotate(agreement=Coalesce(Subquery(put), Subquery(bore))).filter(agreement__in=list(since))
    mine = entries.annotate(begins=begins).filter(day__gte=F("begins"))
    return {pk: (work[0], work[-1]) for pk, *work in work_by(mine, "agreement")}


def _usual_hour(today: date) -> Decimal | None:
    """What an hour of work cost in the last twelve months, loaded; None where nobody's hour has a cost. One query."""
    rows: Any = costed(window(months_back(today, 11), today))
    work = work_by(rows.exclude(hourly=None), "tenant")
    return work[0][-1] * _HOUR / work[0][1] if work and work[0][1] else None


def _fees(
    agreements: Sequence[Agreement], terms: Mapping[UUID, Period], today: date
) -> dict[UUID, tuple[Decimal, int | None, Decimal]]:
    """Agreement id -> the term's fee, its planned minutes, and the share that is done. Four queries."""
    versions = {pk: version_on(mine, today) or mine[0] for pk, mine in versions_of(agreements).items()}
    prices = _prices(list(versions.values()))
    steps: dict[UUID, list[Milestone]] = defaultdict(list)
    for step in Milestone.objects.filter(agreement__in=agreements):
        steps[step.agreement_id].append(step)
    found = {}
    for row in agreements:
        version, mine = versions[row.pk], steps[row.pk]
        if row.kind == AgreementKind.PROJECT:
            found[row.pk] = (sum((step.amount for step in mine), ZERO), _minutes(row, Decimal(1)), _reached(mine))
            continue
        periods = periods_in(terms[row.pk], row.period)
        planned = _minutes(row, periods)
        if planned is None and version.included_minutes:
            planned = round(version.included_minutes * periods)
        found[row.pk] = (prices[version.pk] * periods, planned, elapsed(terms[row.pk], today))
    return found


def _minutes(row: Agreement, times: Decimal) -> int | None:
    return None if row.planned_hours is None else round(row.planned_hours * _HOUR * times)


def _reached(steps: Sequence[Milestone]) -> Decimal:
    """The share of a project that is done, by the prices of its steps; a deposit is no work."""
    work = [step for step in steps if not step.is_deposit]
    whole = sum((step.amount for step in work), ZERO)
    return sum((step.amount for step in work if step.reached_at), ZERO) / whole if whole else ZERO


def _prices(versions: Sequence[AgreementVersion]) -> dict[UUID, Decimal]:
    """Version id -> what a whole period costs with the numbers that hold now. Two queries."""
    counts = ItemCount.objects.filter(agreement__in=[version.agreement_id for version in versions])
    latest: Any = counts.order_by("agreement", "item_key", "-on", "-id").distinct("agreement", "item_key")
    counted = {(row.agreement_id, row.item_key): row.quantity for row in latest}
    items = items_of(versions)
    return {
        version.pk: sum((_number(version, item, counted) * item.unit_price for item in items[version.pk]), ZERO)
        for version in versions
    }


def _number(version: AgreementVersion, item: AgreementItem, counted: Mapping[tuple[UUID, UUID], int]) -> Decimal:
    if item.basis not in COUNTED:
        return item.quantity
    return Decimal(max(counted.get((version.agreement_id, item.key), 0), item.at_least))
