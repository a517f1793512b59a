"""What an agreement's periods cost, and which periods wait to be charged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Max

from billing.choices import AgreementKind, AgreementState, Basis
from billing.models import Agreement, AgreementCharge, AgreementItem, AgreementVersion, InvoiceLine, ItemCount
from billing.rules.charging import ChargeLine, ItemTerms, Log, TrueUpLine, VersionTerms, charge_lines, true_up_lines
from billing.rules.proration import Period, period_of, periods_between
from clients.models import Asset, Contact, Site

_DAY = timedelta(days=1)
COUNTED = frozenset({Basis.USER, Basis.DEVICE, Basis.SITE})
FURTHEST_BACK = 36  # periods that are looked for at once


def items_of(versions: Sequence[AgreementVersion]) -> dict[UUID, list[AgreementItem]]:
    """Version id -> its items, in order. One query."""
    found: dict[UUID, list[AgreementItem]] = defaultdict(list)
    for item in AgreementItem.objects.filter(version__in=versions).select_related("site").order_by("position"):
        found[item.version_id].append(item)
    return found


def count_now(item: AgreementItem) -> int:
    """How many of a client's people, devices or sites an item counts at this moment."""
    narrowed = {"site": item.site_id} if item.site_id else {}
    match item.basis:
        case Basis.USER:
            return Contact.objects.living().filter(client=item.client_id, **narrowed).count()
        case Basis.DEVICE:
            kind = {"kind": item.asset_kind} if item.asset_kind else {}
            return Asset.objects.living().filter(client=item.client_id, **narrowed, **kind).count()
    return Site.objects.living().filter(client=item.client_id).count()


def logs_of(agreement: Agreement) -> dict[UUID, Log]:
    """Item key -> (first day, quantity), in order. One query."""
    found: dict[UUID, list[tuple[date, Decimal]]] = defaultdict(list)
    rows = ItemCount.objects.filter(agreement=agreement).order_by("on", "id")
    for key, day, quantity in rows.values_list("item_key", "on", "quantity"):
        found[key].append((day, Decimal(quantity)))
    return dict(found)


@dataclass(frozen=True)
class Book:
    """All that says what an agreement's periods cost."""

    agreement: Agreement
    versions: list[VersionTerms]
    logs: dict[UUID, Log]

    def lines(self, period: Period) -> list[ChargeLine]:
        """What a period costs, by the versions in force and the log of counts."""
        first, last = self.agreement.charged_from, self.agreement.last_day or date.max
        if last < first:
            return []
        return charge_lines(self.versions, Period(first, last), period, self.logs, self.agreement.currency)

    def true_ups(self, charge: AgreementCharge) -> list[TrueUpLine]:
        """What a period that was charged ahead costs more or less, as its numbers changed. One query."""
        first, last = self.agreement.charged_from, self.agreement.last_day or date.max
        if last < first:
            return []
        period = Period(charge.period_start, charge.period_end)
        about = (self.versions, Period(first, last), period, self.logs, self.agreement.currency)
        return true_up_lines(*about, charged=charged_numbers(charge))


def charged_numbers(charge: AgreementCharge) -> dict[tuple[UUID, date], Decimal]:
    """(item key, first day) -> the number that a period's invoice was drafted with. One query."""
    sources = InvoiceLine.objects.filter(invoice=charge.invoice_id, source__item__isnull=False).values_list("source")
    return {
        (UUID(source["item"]), date.fromisoformat(source["from"])): Decimal(source["quantity"])
        for (source,) in sources
        if "quantity" in source and "true_up" not in source
    }


def book_of(agreement: Agreement) -> Book:
    """Three queries."""
    rows = list(AgreementVersion.objects.filter(agreement=agreement).order_by("valid_from"))
    items, logs = items_of(rows), logs_of(agreement)
    versions = [
        VersionTerms(
            row.number, row.valid_from, tuple(_item(item, logs) for item in items[row.pk]), row.proration, row.true_up
        )
        for row in rows
    ]
    return Book(agreement, versions, logs)


def _item(item: AgreementItem, logs: dict[UUID, Log]) -> ItemTerms:
    """A counted item that nobody has counted yet is charged at its least."""
    counted = item.basis in COUNTED and item.key in logs
    quantity = Decimal(item.at_least) if item.basis in COUNTED else item.quantity
    return ItemTerms(item.key, item.label, item.unit_price, quantity, counted, item.count_rule, item.at_least)


@dataclass(frozen=True)
class Waiting:
    """A period of an agreement that may be charged and is not."""

    agreement: Agreement
    period: Period


def due_periods(agreement: Agreement, today: date) -> list[Waiting]:
    """The periods that may be charged by a day and cost something: begun where they are charged ahead, over where not. Four
    queries.

    By state and not by date: a period that a night missed is found by the next one.
    """
    if agreement.state == AgreementState.DRAFT or agreement.kind == AgreementKind.PROJECT:
        return []
    last = AgreementCharge.objects.filter(agreement=agreement).aggregate(day=Max("period_end"))["day"]
    first = last + _DAY if last else agreement.charged_from
    until = min(agreement.last_day or today, today)
    if first > until:
        return []
    found = [
        Waiting(agreement, period)
        for period in periods_between(first, until, agreement.period)
        if agreement.in_advance or _is_over(agreement, period, today)
    ]
    book = book_of(agreement) if found else None
    return [each for each in found if book and book.lines(each.period)][:FURTHEST_BACK]


def _is_over(agreement: Agreement, period: Period, today: date) -> bool:
    """The period is over, or the agreement with it."""
    return min(period.end, agreement.last_day or date.max) < today


def period_at(agreement: Agreement, day: date) -> Period:
    return period_of(day, agreement.period)
