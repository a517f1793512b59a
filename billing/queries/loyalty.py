"""What a client may be thanked for on a draft, and what was given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from billing.choices import DocumentKind, Unit
from billing.models import Invoice, InvoiceLine, LoyaltyGift, LoyaltyRule
from billing.rules import loyalty, money
from billing.rules.dunning import filled_in
from msp.tenancy.keyset import Page, page_of
from tickets.models import Ticket

from .care import care_settings


@dataclass(frozen=True)
class GiftOffer:
    """What a draft's client would get. `tax_rate` in percent: that of the work it is taken off."""

    rule: LoyaltyRule
    occasion: int
    amount: Decimal
    tax_rate: Decimal
    words: str


def living_rules(*, automatic: bool = False) -> list[LoyaltyRule]:
    """The shop's rules in order; `automatic`: those that need no press of a button."""
    rows = LoyaltyRule.objects.filter(archived_at=None).order_by("position", "id")
    return list(rows.filter(automatic=True) if automatic else rows)


def gift_offer(invoice: Invoice, now: datetime, *, automatic: bool = False) -> GiftOffer | None:
    """The one gift that fits this draft now; None when it has one, or nothing is to be celebrated. Six queries."""
    rules = {rule.pk: rule for rule in living_rules(automatic=automatic)}
    if not rules or not invoice.is_draft or invoice.kind != DocumentKind.INVOICE:
        return None
    if LoyaltyGift.objects.standing().filter(invoice=invoice).exists():
        return None
    today = now.astimezone(ZoneInfo(invoice.client.zone)).date()
    client = _loyal(invoice, today)
    work, tax_rate = _work(invoice)
    taken, given = _given(invoice, today)
    settings = care_settings()
    floor = settings.margin_floor
    found = loyalty.offer_for(map(_rule, rules.values()), client, work, taken=taken, given=given, floor=floor)
    if found is None:
        return None
    rule = rules[found.rule.key]
    years = loyalty.years_between(client.since, today)
    values = {"years": str(years), "requests": str(client.solved), "client": invoice.client.name}
    return GiftOffer(rule, found.occasion, found.amount, tax_rate, filled_in(rule.thanks, values))


def _rule(row: LoyaltyRule) -> loyalty.Rule[UUID]:
    given = (row.pk, row.counts, row.threshold, row.repeats, row.gift)
    return loyalty.Rule(*given, percent=row.percent, cap=row.yearly_cap)


def _loyal(invoice: Invoice, today: date) -> loyalty.Loyal:
    client = invoice.client
    solved = Ticket.objects.filter(client=client, solved_at__isnull=False, merged_into=None).count()
    return loyalty.Loyal(client.since or client.created_at.date(), solved, today)


def _work(invoice: Invoice) -> tuple[loyalty.Work, Decimal]:
    """The hours on a draft that are taxed alike (of several taxes, those that come to most), and their rate of tax."""
    by_rate: dict[Decimal, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(invoice=invoice, unit=Unit.HOUR, amount__gt=0, tax_category=""):
        by_rate[line.tax_rate].append(line)
    lines = max(by_rate.values(), key=lambda rows: sum(row.amount for row in rows), default=[])
    hour_cost = care_settings().hour_cost
    hours = sum((line.quantity for line in lines), money.ZERO)
    amount = sum((line.amount for line in lines), money.ZERO)
    cost = hours * hour_cost if hour_cost is not None else None
    return loyalty.Work(amount, cost, invoice.currency), lines[0].tax_rate if lines else money.ZERO


def _given(invoice: Invoice, today: date) -> tuple[set[tuple[UUID, int]], Mapping[UUID, Decimal]]:
    """The client's occasions that are used up, and what each rule gave it this year."""
    rows = LoyaltyGift.objects.standing().filter(client=invoice.client)
    taken, given = set(), dict[UUID, Decimal]()
    for gift in rows:
        taken.add((gift.rule_id, gift.occasion))
        if gift.given_on.year == today.year and gift.currency == invoice.currency:
            given[gift.rule_id] = given.get(gift.rule_id, money.ZERO) + gift.amount
    return taken, given


def gift_rows(year: int | None = None) -> QuerySet[LoyaltyGift]:
    """Gifts that stand on an invoice or a draft, with their clients and rules."""
    rows = LoyaltyGift.objects.standing().select_related("client", "rule", "invoice", "line")
    return rows.filter(given_on__year=year) if year else rows


def gift_page(params: Mapping[str, str], year: int | None = None, size: int = 50) -> Page[LoyaltyGift]:
    return page_of(gift_rows(year), order=("-given_at", "-id"), params=params, size=size)


def gift_sums(year: int | None = None) -> list[tuple[str, Decimal, int, int]]:
    """By currency: what was given, how many gifts, to how many clients. One query."""
    rows = gift_rows(year).order_by().values_list("currency")
    found = rows.annotate(given=Sum("amount"), number=Count("id"), clients=Count("client", distinct=True))
    return list(found.order_by("currency"))


def gift_of(invoice: Invoice) -> LoyaltyGift | None:
    """What an invoice's client was thanked with on it."""
    return LoyaltyGift.objects.standing().filter(invoice=invoice).select_related("rule", "line").first()
