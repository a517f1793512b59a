"""The promises page: tabs, filters, and the kept rate with the numbers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from clients.choices import PromiseState, PromiseView
from clients.models import Client, Promise, PromiseQuerySet

COUNTED = 999  # a tab says "999+" beyond it: counting a million is not worth a page
NOBODY = "nobody"


@dataclass(frozen=True)
class AskedPromises:
    """The filters of the list. `person` is a membership's id, NOBODY, or "" for everybody."""

    view: str = PromiseView.DUE
    client: Client | None = None
    person: str = ""
    kind: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        """What is owed by deadline, what is over the latest first: an index serves either."""
        owed = self.view in (PromiseView.DUE, PromiseView.RISK, PromiseView.PAUSED)
        return ("promised_at", "id") if owed else ("-finished_at", "-id")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.client or self.person or self.kind)


_STATES = {
    PromiseView.DUE: PromiseState.OPEN,
    PromiseView.RISK: PromiseState.OPEN,
    PromiseView.PAUSED: PromiseState.PAUSED,
    PromiseView.BROKEN: PromiseState.BROKEN,
    PromiseView.KEPT: PromiseState.KEPT,
    PromiseView.CANCELLED: PromiseState.CANCELLED,
}


def promise_list(asked: AskedPromises, now: datetime) -> PromiseQuerySet:
    """The promises asked for, with client, owner and contact, not yet ordered."""
    found: PromiseQuerySet = Promise.objects.select_related("client", "owner", "contact").defer("working")
    return _viewed(_narrowed(found, asked), asked.view, now)


def _narrowed(found: PromiseQuerySet, asked: AskedPromises) -> PromiseQuerySet:
    if asked.client is not None:
        found = found.filter(client=asked.client)
    if asked.person:
        found = found.filter(owner=None if asked.person == NOBODY else UUID(asked.person))
    return found.filter(kind=asked.kind) if asked.kind else found


def _viewed(found: PromiseQuerySet, view: str, now: datetime) -> PromiseQuerySet:
    found = found.filter(state=_STATES[PromiseView(view)])
    if view in (PromiseView.BROKEN, PromiseView.KEPT, PromiseView.CANCELLED):
        return found.filter(finished_at__isnull=False)  # true of all of them; said so that their index serves
    return found.filter(risk_at__lte=now) if view == PromiseView.RISK else found


def view_counts(asked: AskedPromises, now: datetime) -> dict[str, int]:
    """What the tabs that ask for somebody's hand hold, COUNTED + 1 at most; of the broken ones those still owed. One query each."""
    found = {}
    for view in (PromiseView.DUE, PromiseView.RISK, PromiseView.BROKEN, PromiseView.PAUSED):
        rows = _viewed(_narrowed(Promise.objects.all(), asked), view, now)
        if view == PromiseView.BROKEN:
            rows = rows.filter(kept_at__isnull=True)
        found[view.value] = rows.order_by()[: COUNTED + 1].count()
    return found


# --- the kept rate ---


@dataclass(frozen=True)
class Rate:
    """How many of the promises that came to an end were kept. `late` and `never` add up to the broken ones."""

    key: str
    name: str
    kept: int
    late: int
    never: int
    excluded: int = 0
    url: str = ""

    @property
    def broken(self) -> int:
        return self.late + self.never

    @property
    def total(self) -> int:
        return self.kept + self.broken

    @property
    def percent(self) -> float | None:
        """Kept of those that count, in percent; None where none counts."""
        return 100 * self.kept / self.total if self.total else None


_BY = {"client": ("client__slug", "client__name"), "owner": ("owner", "owner__name"), "kind": ("kind", "kind")}
_COUNTS = {
    "kept": Count("id", filter=Q(state=PromiseState.KEPT, excluded_because="")),
    "late": Count("id", filter=Q(state=PromiseState.BROKEN, kept_at__isnull=False, excluded_because="")),
    "never": Count("id", filter=Q(state=PromiseState.BROKEN, kept_at=None, excluded_because="")),
    "excluded": Count("id", filter=~Q(excluded_because="")),
}


def _ended(since: datetime, until: datetime, asked: AskedPromises) -> PromiseQuerySet:
    found: PromiseQuerySet = Promise.objects.filter(
        state__in=(PromiseState.KEPT, PromiseState.BROKEN), finished_at__gte=since, finished_at__lt=until
    )
    return _narrowed(found, asked)


def kept_rate(*, since: datetime, until: datetime, asked: AskedPromises | None = None) -> Rate:
    """Over everything that came to its end in the period: was kept, or broke. One query."""
    numbers: dict[str, Any] = _ended(since, until, asked or AskedPromises()).aggregate(**_COUNTS)
    return Rate("", "", **numbers)


def kept_rates(by: str, *, since: datetime, until: datetime, asked: AskedPromises) -> Sequence[Rate]:
    """The same for each client, owner or kind, the lowest first. One query. Raises KeyError for another `by`."""
    key, name = _BY[by]
    rows = _ended(since, until, asked).values(key=F(key), name=F(name)).annotate(**_COUNTS).order_by()
    rates = [_rate(**row) for row in rows]
    return sorted(rates, key=lambda rate: (101 if rate.percent is None else rate.percent, -rate.total, rate.name))


def _rate(*, key: UUID | str | None, name: str | None, **numbers: int) -> Rate:
    return Rate(str(key or NOBODY), name or "", numbers["kept"], numbers["late"], numbers["never"], numbers["excluded"])
