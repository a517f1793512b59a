"""The owner's pages: what each client, person, ticket and agreement brings and costs, and what an hour costs us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions
from billing.documents.profit_table import month_cells, month_heads
from billing.forms.profit import CostRateForm, OverheadForm
from billing.queries import profit as reports
from billing.queries.lists import shop_today
from billing.queries.profit import ProfitRow, Window, window
from billing.queries.terms import shop
from billing.rules.costing import months_back
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import table_or_refusal

Report = Callable[[Window], list[ProfitRow]]
VIEWS: dict[str, tuple[object, Report | None]] = {
    "clients": (gettext_lazy("Clients"), reports.by_client),
    "people": (gettext_lazy("People"), reports.by_member),
    "agreements": (gettext_lazy("Agreements"), reports.by_agreement),
    "tickets": (gettext_lazy("Tickets"), reports.by_ticket),
    "lost": (gettext_lazy("Written off"), None),
}
PERIODS = {
    "month": gettext_lazy("This month"),
    "last": gettext_lazy("Last month"),
    "quarter": gettext_lazy("Three months"),
    "year": gettext_lazy("Twelve months"),
}


@require_safe
@staff(Capability.PROFIT_VIEW)
def profit(request: StaffRequest) -> HttpResponse:
    """One report of one period."""
    view, period, asked = _asked(request)
    report = VIEWS[view][1]
    rows = report(asked) if report else []
    tabs = [
        {"label": label, "url": f"?view={name}&period={period}", "current": name == view}
        for name, (label, _report) in VIEWS.items()
    ]
    periods = [
        {"label": label, "url": f"?view={view}&period={name}", "current": name == period}
        for name, label in PERIODS.items()
    ]
    context = {"rows": rows, "total": reports.total(rows), "tabs": tabs, "periods": periods, "asked": asked}
    context |= {"view": view, "period": period, "currency": shop().defaults.currency}
    context["lost"] = None if report else reports.written_off(asked)
    return render(request, "billing/profit.html", context)


@require_safe
@staff(Capability.PROFIT_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """Every client's months of the period as CSV."""
    _view, _period, asked = _asked(request)
    name = f"profit-{asked.first}-{asked.last}"
    return table_or_refusal(request, "billing:profit", name, month_heads(), month_cells(reports.client_months(asked)))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.PROFIT_VIEW)
def costs(request: StaffRequest) -> HttpResponseBase:
    """What an hour of each person costs, and the overhead, each from a day on."""
    today = shop_today(timezone.now())
    doing = request.POST.get("do", "")
    rate = CostRateForm(request.POST if doing == "rate" else None, initial={"valid_from": today.replace(day=1)})
    load = OverheadForm(request.POST if doing == "overhead" else None, initial={"valid_from": today.replace(day=1)})
    if _save(request, rate, load):
        messages.success(request, _("Saved. It counts from its day on."))
        return redirect("billing:costs")
    context = {"rate_form": rate, "overhead_form": load, "rates": reports.cost_rates(), "loads": reports.overheads()}
    return render(request, "billing/costs.html", context, status=422 if rate.is_bound or load.is_bound else 200)


def _save(request: StaffRequest, rate: CostRateForm, load: OverheadForm) -> bool:
    actor, now = request.actor, timezone.now()
    if rate.is_bound and rate.is_valid():
        actions.set_cost_rate(actor=actor, now=now, **rate.cleaned_data)
        return True
    if load.is_bound and load.is_valid():
        actions.set_overhead(actor=actor, now=now, **load.cleaned_data)
        return True
    return False


def _asked(request: StaffRequest) -> tuple[str, str, Window]:
    view, period = request.GET.get("view", ""), request.GET.get("period", "")
    view, period = view if view in VIEWS else "clients", period if period in PERIODS else "quarter"
    return view, period, window(*days_of(period, shop_today(timezone.now())))


def days_of(period: str, today: date) -> tuple[date, date]:
    """First and last day of one of PERIODS."""
    if period == "last":
        return months_back(today, 1), months_back(today, 0) - timedelta(days=1)
    return months_back(today, {"month": 0, "quarter": 2, "year": 11}[period]), today
