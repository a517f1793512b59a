"""Lists of quotes, the report of oversized things, and the numbers beside the navigation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DecimalField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.functions import Ceil, Greatest

from billing.choices import Measure, QuoteState, RevisionEnd, RevisionState
from billing.models import EvidenceSheet, Quote, QuoteRevision
from clients.models import Client
from msp.tenancy.keyset import Page, page_of

from .quotes import quote_settings

_WHOLE = DecimalField(max_digits=20, decimal_places=4)


class QuoteTab(StrEnum):
    """The views of the list of quotes."""

    OPEN = "open"
    WAITING = "waiting"
    DRAFT = "draft"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ALL = "all"


class SizeTab(StrEnum):
    """The views of the report of sizes."""

    OVERSIZE = "oversize"
    ALL = "all"


@dataclass(frozen=True)
class QuoteRow:
    """One line of the list. `seen_at`: when the client first had the latest sent revision open."""

    quote: Quote
    is_expired: bool
    seen_at: datetime | None


def quote_rows(tab: QuoteTab, *, words: str, today: date) -> QuerySet[Quote]:
    """The quotes of a view. A number finds its quote, other words the clients whose name begins with them."""
    rows = Quote.objects.select_related("client", "owner")
    match tab:
        case QuoteTab.OPEN:
            rows = rows.open(today)
        case QuoteTab.EXPIRED:
            rows = rows.expired(today)
        case QuoteTab.WAITING:
            rows = rows.filter(is_waiting=True)
        case QuoteTab.DRAFT:
            rows = rows.drafts()
        case QuoteTab.ACCEPTED | QuoteTab.DECLINED:
            rows = rows.filter(state=tab.value)
    return _matching(rows, words)


def _matching(rows: QuerySet[Quote], words: str) -> QuerySet[Quote]:
    if not words:
        return rows
    named = Client.objects.all()
    for word in words.split():
        named = named.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    wanted = Q(number__iexact=words) | Q(client__in=named) | Q(title__icontains=words)
    if words.isdecimal() and len(words) < 10:
        wanted |= Q(sequence=int(words))
    return rows.filter(wanted)


def quote_page(
    tab: QuoteTab, *, words: str, today: date, params: Mapping[str, str], size: int = 50
) -> tuple[Page[Quote], list[QuoteRow]]:
    """One page of the list, newest first. Two queries."""
    page = page_of(quote_rows(tab, words=words, today=today), order=("-created_at", "-id"), params=params, size=size)
    return page, with_seen(page, today)


def with_seen(quotes: Iterable[Quote], today: date) -> list[QuoteRow]:
    """Quotes with whether the client has looked. One query."""
    quotes = list(quotes)
    seen = QuoteRevision.objects.filter(quote__in=quotes, state=RevisionState.SENT).exclude(
        ended_as=RevisionEnd.SUPERSEDED
    )
    latest: dict[UUID, datetime | None] = dict(seen.order_by("number").values_list("quote_id", "seen_at"))
    return [QuoteRow(quote, quote.is_expired(today), latest.get(quote.pk)) for quote in quotes]


def quote_counts(today: date) -> dict[QuoteTab, int]:
    """How many wait for somebody. One query."""
    is_open = Q(state=QuoteState.OPEN)
    found = Quote.objects.aggregate(
        open=Count("id", filter=is_open & Q(valid_until__gte=today)),
        expired=Count("id", filter=is_open & Q(valid_until__lt=today)),
        waiting=Count("id", filter=Q(is_waiting=True)),
        draft=Count("id", filter=Q(state=QuoteState.DRAFT)),
    )
    return {QuoteTab(name): number for name, number in found.items()}


def waiting_quotes() -> QuerySet[Quote, Any]:
    """Quotes that wait for a second person, to be counted."""
    return Quote.objects.filter(is_waiting=True).values("pk")


def client_quotes(client: Client, limit: int = 5) -> list[Quote]:
    """A client's latest quotes."""
    return list(Quote.objects.filter(client=client).order_by("-created_at", "-id")[:limit])


@dataclass(frozen=True)
class SizeRow:
    """An offered thing against the need that its sheet states."""

    sheet: EvidenceSheet
    is_oversize: bool
    amount: Decimal


def sized(tab: SizeTab) -> QuerySet[EvidenceSheet]:
    """Sheets of things that were really offered: replaced revisions and drafts left out. `sizing.Size` says the same in Python."""
    base = Case(When(measure=Measure.PEOPLE, then=F("people")), default=F("devices"))
    grown = ExpressionWrapper(base * (F("growth_percent") + 100) / 100, output_field=_WHOLE)
    spare = Value(Decimal(100 + quote_settings().spare_percent))
    rows = EvidenceSheet.objects.filter(line__revision__state=RevisionState.SENT)
    rows = rows.exclude(line__revision__ended_as=RevisionEnd.SUPERSEDED)
    rows = rows.annotate(need=Greatest(Value(Decimal(1), output_field=_WHOLE), Ceil(grown)))
    rows = rows.annotate(room=Ceil(ExpressionWrapper(F("need") * spare / 100, output_field=_WHOLE)))
    return rows.filter(serves__gt=F("room")) if tab is SizeTab.OVERSIZE else rows


def size_page(tab: SizeTab, params: Mapping[str, str], size: int = 50) -> tuple[Page[EvidenceSheet], list[SizeRow]]:
    """The report, newest first."""
    rows = sized(tab).select_related("line__revision__quote__client")
    page, spare = page_of(rows, order=("-id",), params=params, size=size), quote_settings().spare_percent
    return page, [SizeRow(sheet, sheet.size.is_oversize(spare), sheet.line.amount) for sheet in page]
