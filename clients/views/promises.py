"""The promises page: what is due, at risk, broken and kept, and how often we keep our word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clients.access import client_or_404, promise_or_404
from clients.choices import PromiseView
from clients.documents import promise_heads, promise_rows
from clients.forms import PromiseFilterForm
from clients.forms.promises import PERIODS
from clients.models import Client, Promise
from clients.queries.promise_lists import (
    COUNTED,
    AskedPromises,
    Rate,
    kept_rate,
    kept_rates,
    promise_list,
    view_counts,
)
from clients.registry import PROMISE_KINDS, PromiseKind, kind_of, urls_of
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.queries import staff as staff_of_shop
from msp.accounts.requests import StaffRequest, wants_part
from msp.files.documents import MOST_ROWS, table_or_refusal
from msp.tenancy.keyset import page_of

PANEL_SIZE = 5
RATE_DAYS = 90


@dataclass(frozen=True)
class Line:
    """A promise in a list, with its kind and where its subject is shown."""

    promise: Promise
    kind: PromiseKind
    url: str
    at_risk: bool

    @property
    def warn(self) -> int:
        """Seconds before the deadline from which its clock warns."""
        return int((self.promise.promised_at - self.promise.risk_at).total_seconds())


def lines_of(promises: Iterable[Promise], now: datetime) -> list[Line]:
    """The lines of one page. A query a kind of subject."""
    rows = list(promises)
    urls = urls_of(rows)
    return [Line(row, kind_of(row.kind), urls.get(row.pk, ""), row.at_risk(now)) for row in rows]


def asked_by(request: StaffRequest) -> tuple[AskedPromises, int]:
    """The filters of the URL, and the days that the kept rate looks back; what cannot be read counts as not asked."""
    form = PromiseFilterForm(request.GET)
    form.is_valid()
    data = form.cleaned_data
    slug = data.get("client", "")
    client = Client.objects.filter(slug=slug).first() if slug else None
    asked = AskedPromises(data.get("state") or PromiseView.DUE, client, data.get("person", ""), data.get("kind", ""))
    return asked, data.get("days") or RATE_DAYS


@require_safe
@staff(Capability.TICKETS_VIEW)
def promise_page(request: StaffRequest) -> HttpResponse:
    (asked, days), now = asked_by(request), timezone.now()
    params = {name: value for name, value in request.GET.dict().items() if value}
    page = page_of(promise_list(asked, now), order=asked.order, params=params)
    context = {
        "asked": asked,
        "page": page,
        "lines": lines_of(page.rows, now),
        "tabs": _tabs(asked, view_counts(asked, now)),
        "rate": kept_rate(since=now - timedelta(days=days), until=now, asked=asked),
        "days": days,
        "here": urlencode(params),
        "may_work": request.membership.can(Capability.TICKETS_WORK),
        **_choices(),
    }
    partial = wants_part(request)
    return render(request, "clients/_promises.html" if partial else "clients/promises.html", context)


@require_safe
@staff(Capability.TICKETS_VIEW)
def export_promises(request: StaffRequest) -> HttpResponse:
    """The promises of the list with its filters as CSV."""
    asked, _days = asked_by(request)
    rows = promise_rows(promise_list(asked, timezone.now()).order_by(*asked.order)[: MOST_ROWS + 1])
    name = f"promises-{timezone.localdate()}"
    return table_or_refusal(request, "clients:promises", name, promise_heads(), rows)


@require_safe
@staff(Capability.TICKETS_VIEW)
def kept_rate_page(request: StaffRequest) -> HttpResponse:
    """How often we keep our word, by client, person and kind; by person only for who hands work out."""
    (asked, days), now = asked_by(request), timezone.now()
    period: dict[str, Any] = {"since": now - timedelta(days=days), "until": now, "asked": asked}
    parts = [("client", _("By client")), ("kind", _("By kind"))]
    if request.membership.can(Capability.TICKETS_ASSIGN):
        parts.insert(1, ("owner", _("By person")))
    tables = [(title, [_named(by, rate) for rate in kept_rates(by, **period)]) for by, title in parts]
    periods = [(number, label, f"?{urlencode(request.GET.dict() | {'days': number})}") for number, label in PERIODS]
    context = {"asked": asked, "days": days, "rate": kept_rate(**period), "tables": tables, "periods": periods}
    return render(request, "clients/kept_rate.html", context)


@require_safe
@staff(Capability.TICKETS_VIEW)
def promise_working(request: StaffRequest, promise_id: UUID) -> HttpResponse:
    """How its deadline was computed, step by step."""
    return render(request, "clients/_working.html", {"promise": promise_or_404(promise_id)})


@require_safe
@staff(Capability.TICKETS_VIEW)
def client_promises(request: StaffRequest, client_slug: str) -> HttpResponse:
    """The client page's part about promises."""
    client, now = client_or_404(client_slug), timezone.now()
    asked = AskedPromises(client=client)
    rows = list(promise_list(asked, now).order_by(*asked.order)[: PANEL_SIZE + 1])
    broken = promise_list(replace(asked, view=PromiseView.BROKEN), now).filter(kept_at=None)
    context = {
        "client": client,
        "lines": lines_of([*broken.order_by("-finished_at")[:PANEL_SIZE], *rows[:PANEL_SIZE]], now),
        "rate": kept_rate(since=now - timedelta(days=RATE_DAYS), until=now, asked=asked),
        "days": RATE_DAYS,
        "may_work": request.membership.can(Capability.TICKETS_WORK),
    }
    return render(request, "clients/_client_promises.html", context)


def _choices() -> dict[str, Any]:
    return {"people": staff_of_shop(), "kinds": sorted(PROMISE_KINDS.values(), key=lambda kind: str(kind.label))}


def _tabs(asked: AskedPromises, counts: dict[str, int]) -> list[dict[str, Any]]:
    kept = {"client": asked.client.slug if asked.client else "", "person": asked.person, "kind": asked.kind}
    narrowed = {name: value for name, value in kept.items() if value}
    return [
        {
            "label": view.label,
            "url": f"?{urlencode({'state': view.value} | narrowed)}",
            "current": asked.view == view,
            "count": f"{COUNTED}+" if counts.get(view, 0) > COUNTED else counts.get(view),
        }
        for view in PromiseView
    ]


def _named(by: str, rate: Rate) -> Rate:
    """With a name in the reader's language, and a link to the broken ones behind the number."""
    name = str(kind_of(rate.key).label) if by == "kind" else rate.name or _("Nobody")
    asked = {"state": PromiseView.BROKEN.value, {"owner": "person"}.get(by, by): rate.key}
    return replace(rate, name=name, url=f"{reverse('clients:promises')}?{urlencode(asked)}")
