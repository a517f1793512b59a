"""What each client, ticket, person and agreement brings and costs. One place knows hours, issues, cost and revenue of a month.

Cost is that of the day of the work: the person's rate then and the overhead then. Revenue is what was issued, before tax, in the shop's
currency; credit notes count against it. Everything here is the owner's to see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from billing.choices import DocumentKind
from billing.models import CostRate, CoveredTime, Invoice, InvoiceLine, LineTime, Overhead, Part, WriteOff
from billing.models.agreements import Agreement
from billing.models.charges import AgreementCharge
from billing.rules import money
from billing.rules.costing import Margin, part_of, per_hour
from clients.models import Client
from msp.accounts.models import Membership
from msp.accounts.queries import settings_of_shop
from tickets.models import Ticket, TimeEntry

_AMOUNT = DecimalField(max_digits=24, decimal_places=8)
_ZERO = Value(Decimal(0), output_field=_AMOUNT)
SHOWN = 100  # tickets, the dearest


@dataclass(frozen=True)
class Window:
    """Whole days from `first` to `last`, in the shop's zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends(self) -> datetime:
        """The moment after its last day."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)


def window(first: date, last: date) -> Window:
    return Window(first, last, ZoneInfo(settings_of_shop().zone))


@dataclass(frozen=True)
class ClientMonth:
    """One client's month. `uncosted` minutes are of people without a rate on their day: the cost is too low by them."""

    client_id: UUID
    month: date
    minutes: int = 0
    billable: int = 0
    uncosted: int = 0
    issues: int = 0
    margin: Margin = field(default_factory=Margin)


def client_months(asked: Window) -> list[ClientMonth]:
    """Every client's months that have anything in them, by client and month. Five queries, whatever the number of clients."""
    found: dict[tuple[UUID, date], ClientMonth] = {}

    def put(client_id: UUID, month: date, **values: Any) -> None:
        key = client_id, month.replace(day=1)
        row = found.get(key) or ClientMonth(*key)
        margin = row.margin + values.pop("margin", Margin())
        found[key] = replace(row, margin=margin, **values)

    month = TruncMonth("started_at", tzinfo=asked.zone)
    for client_id, at, *sums in (
        costed(asked)
        .annotate(month=month)
        .values("client_id", "month")
        .annotate(**_WORK)
        .values_list("client_id", "month", "worked", "billable", "uncosted", "labour")
    ):
        put(client_id, at.date(), minutes=sums[0], billable=sums[1], uncosted=sums[2], margin=Margin(labour=sums[3]))
    opened = Ticket.objects.filter(created_at__gte=asked.starts, created_at__lt=asked.ends)
    opened_in = TruncMonth("created_at", tzinfo=asked.zone)
    counted = opened.annotate(month=opened_in).values("client_id", "month").annotate(number=Count("id"))
    for client_id, at, number in counted.values_list("client_id", "month", "number"):
        put(client_id, at.date(), issues=number)
    for client_id, at, amount in _by_month(revenue(asked), "issued_on", F("net") * _SIGN):
        put(client_id, at, margin=Margin(revenue=amount))
    for client_id, at, amount in _by_month(_parts(asked), "line__invoice__issued_on", F("cost") * F("quantity")):
        put(client_id, at, margin=Margin(parts=amount))
    lost = _written_off(asked).annotate(day=TruncDate("written_at", tzinfo=asked.zone))
    for client_id, at, amount in _by_month(lost, "day", F("amount") - F("tax")):
        put(client_id, at, margin=Margin(written_off=amount))
    return [found[key] for key in sorted(found)]


# --- where the numbers come from ---


def costed(asked: Window) -> QuerySet[TimeEntry]:
    """Time entries of a window with `hourly` and `percent` as they were on the day of the work."""
    rates = CostRate.objects.filter(member=OuterRef("member"), valid_from__lte=OuterRef("day")).order_by("-valid_from")
    loads = Overhead.objects.filter(valid_from__lte=OuterRef("day")).order_by("-valid_from")
    rows = TimeEntry.objects.filter(started_at__gte=asked.starts, started_at__lt=asked.ends)
    return rows.annotate(
        day=TruncDate("started_at", tzinfo=asked.zone),
        hourly=Subquery(rates.values("hourly")[:1]),
        percent=Coalesce(Subquery(loads.values("percent")[:1]), Value(Decimal(0)), output_field=_AMOUNT),
    )


def _sum(expression: Any, **kwargs: Any) -> Any:
    return Coalesce(Sum(ExpressionWrapper(expression, output_field=_AMOUNT), **kwargs), _ZERO, output_field=_AMOUNT)


_LOADED = F("minutes") * F("hourly") * (100 + F("percent")) / Decimal(6000)
_WORK: dict[str, Any] = {
    "worked": Coalesce(Sum("minutes"), 0),
    "billable": Coalesce(Sum("minutes", filter=Q(is_billable=True)), 0),
    "uncosted": Coalesce(Sum("minutes", filter=Q(hourly=None)), 0),
    "tickets": Count("ticket", distinct=True),
    "labour": _sum(_LOADED),
}


def work_by(rows: QuerySet[TimeEntry], *keys: str, most: int | None = None) -> list[tuple[Any, ...]]:
    """The work of costed entries by these keys, the dearest first: minutes, billable and uncosted ones, tickets, loaded cost."""
    grouped: Any = rows.values(*keys).annotate(**_WORK).order_by("-labour", *keys)
    return list(grouped.values_list(*keys, *_WORK)[:most])


_SIGN = Case(When(kind=DocumentKind.CREDIT_NOTE, then=Value(-1)), default=Value(1))
_LINE_SIGN = Case(When(invoice__kind=DocumentKind.CREDIT_NOTE, then=Value(-1)), default=Value(1))


def revenue(asked: Window) -> QuerySet[Invoice]:
    """What was issued in the shop's currency; a pro forma is no revenue."""
    rows = Invoice.objects.issued().filter(currency=settings_of_shop().currency)
    return rows.filter(issued_on__range=(asked.first, asked.last)).exclude(kind=DocumentKind.PROFORMA)


def _lines(asked: Window) -> QuerySet[InvoiceLine]:
    return InvoiceLine.objects.filter(invoice__in=revenue(asked))


def _parts(asked: Window) -> QuerySet[Part]:
    return Part.objects.filter(line__invoice__in=revenue(asked))


def _written_off(asked: Window) -> QuerySet[WriteOff]:
    rows = WriteOff.objects.filter(currency=settings_of_shop().currency)
    return rows.filter(written_at__gte=asked.starts, written_at__lt=asked.ends)


def _by_month(rows: QuerySet[Any], day: str, amount: Any) -> Iterable[tuple[UUID, date, Decimal]]:
    grouped: Any = rows.annotate(month=TruncMonth(day)).values("client_id", "month").annotate(sum=_sum(amount))
    return list(grouped.order_by().values_list("client_id", "month", "sum"))


# --- reports ---


@dataclass(frozen=True)
class ProfitRow:
    """One line of a report. `of`: the client, person, ticket or agreement."""

    of: Any
    minutes: int
    billable: int
    uncosted: int
    issues: int
    margin: Margin

    @property
    def share(self) -> int | None:
        """Billable of worked time, in percent."""
        return part_of(self.billable, self.minutes)

    @property
    def per_hour(self) -> Decimal | None:
        """What an hour of work brought."""
        return per_hour(self.margin.revenue, self.minutes)


def by_client(asked: Window) -> list[ProfitRow]:
    """The clients with anything in the window, the least profitable first."""
    grouped: dict[UUID, list[ClientMonth]] = defaultdict(list)
    for month in client_months(asked):
        grouped[month.client_id].append(month)
    clients = Client.objects.in_bulk(list(grouped))
    rows = [_of_months(clients[pk], months) for pk, months in grouped.items()]
    return sorted(rows, key=lambda row: (row.margin.profit, row.of.name))


def _of_months(client: Client, months: list[ClientMonth]) -> ProfitRow:
    return ProfitRow(
        client,
        sum(m.minutes for m in months),
        sum(m.billable for m in months),
        sum(m.uncosted for m in months),
        sum(m.issues for m in months),
        sum((m.margin for m in months), Margin()),
    )


def by_member(asked: Window) -> list[ProfitRow]:
    """The people who logged time, the most first. A line's revenue is shared by the minutes that it bills."""
    whole = LineTime.objects.filter(line=OuterRef("line")).values("line").annotate(all=Sum("time_entry__minutes"))
    billed = LineTime.objects.filter(line__invoice__in=revenue(asked)).annotate(whole=Subquery(whole.values("all")[:1]))
    part = F("line__net") * F("time_entry__minutes") / F("whole")
    brought = dict(
        billed.values("time_entry__member").annotate(sum=_sum(part)).values_list("time_entry__member", "sum")
    )
    found = work_by(costed(asked), "member_id")
    people = Membership.objects.in_bulk([row[0] for row in found])
    made = [_row(people[pk], work, revenue=brought.get(pk, money.ZERO)) for pk, *work in found]
    return sorted(made, key=lambda row: (-row.minutes, row.of.name))


def _row(of: Any, work: Sequence[Any], **margin: Decimal) -> ProfitRow:
    minutes, billable, uncosted, tickets, labour = work
    return ProfitRow(of, minutes, billable, uncosted, tickets, Margin(labour=labour, **margin))


def by_ticket(asked: Window) -> list[ProfitRow]:
    """The tickets that cost most in the window, the greatest loss first; at most SHOWN."""
    found = work_by(costed(asked), "ticket_id", most=SHOWN)
    keys = [row[0] for row in found]
    lines = _lines(asked).filter(ticket__in=keys).values("ticket_id").annotate(sum=_sum(F("net") * _LINE_SIGN))
    brought = dict(lines.values_list("ticket_id", "sum"))
    parts = _parts(asked).filter(ticket__in=keys).values("ticket_id").annotate(sum=_sum(F("cost") * F("quantity")))
    bought = dict(parts.values_list("ticket_id", "sum"))
    tickets = Ticket.objects.select_related("client").in_bulk(keys)
    none = money.ZERO
    made = [_row(tickets[pk], work, revenue=brought.get(pk, none), parts=bought.get(pk, none)) for pk, *work in found]
    return sorted(made, key=lambda row: (row.margin.profit, row.of.number))


def by_agreement(asked: Window) -> list[ProfitRow]:
    """Agreements that charged or bore work in the window: what their periods brought against the work they bore."""
    charged = AgreementCharge.objects.filter(invoice__in=revenue(asked)).values_list("agreement_id", "invoice__net")
    brought: dict[UUID, Decimal] = defaultdict(lambda: money.ZERO)
    for agreement_id, net in charged.distinct():
        brought[agreement_id] += net
    bore = CoveredTime.objects.filter(time_entry=OuterRef("pk")).values("work__agreement")[:1]
    rows = costed(asked).annotate(agreement=Subquery(bore)).exclude(agreement=None)
    found = {pk: work for pk, *work in work_by(rows, "agreement")}
    agreements = Agreement.objects.select_related("client").in_bulk([*found, *brought])
    idle = (0, 0, 0, 0, money.ZERO)
    made = [_row(each, found.get(pk, idle), revenue=brought[pk]) for pk, each in agreements.items()]
    return sorted(made, key=lambda row: (row.margin.profit, row.of.name))


def written_off(asked: Window) -> list[WriteOff]:
    """What will not be paid, and why, the newest first."""
    rows = _written_off(asked).select_related("invoice__client")
    return list(rows.order_by("-written_at", "-id")[:SHOWN])


def total(rows: Iterable[ProfitRow]) -> ProfitRow:
    """All rows of a report together."""
    rows = list(rows)
    return ProfitRow(
        None,
        sum(row.minutes for row in rows),
        sum(row.billable for row in rows),
        sum(row.uncosted for row in rows),
        sum(row.issues for row in rows),
        sum((row.margin for row in rows), Margin()),
    )


def cost_rates() -> list[CostRate]:
    """Every rate that was ever set, by person, the newest first."""
    return list(CostRate.objects.select_related("member").order_by("member__name", "member_id", "-valid_from"))


def overheads() -> list[Overhead]:
    return list(Overhead.objects.order_by("-valid_from"))
