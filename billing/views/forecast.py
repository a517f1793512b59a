"""The owner's pages beside the margins: where fixed fees and projects are heading, and how people's hours are used."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.documents.profit_table import forecast_cells, forecast_heads, utilisation_cells, utilisation_heads
from billing.queries.forecast import forecasts
from billing.queries.lists import shop_today
from billing.queries.profit import Window, window
from billing.queries.terms import shop
from billing.queries.utilisation import together
from billing.queries.utilisation import utilisation as utilised
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import table_or_refusal

from .profit import PERIODS, days_of


@require_safe
@staff(Capability.PROFIT_VIEW)
def forecast(request: StaffRequest) -> HttpResponse:
    """Planned, so far, and expected at the end."""
    rows = forecasts(shop_today(timezone.now()))
    context = {"rows": rows, "currency": shop().defaults.currency}
    return render(request, "billing/forecast.html", context)


@require_safe
@staff(Capability.PROFIT_VIEW)
def forecast_export(request: StaffRequest) -> HttpResponse:
    today = shop_today(timezone.now())
    cells = forecast_cells(forecasts(today))
    return table_or_refusal(request, "billing:forecast", f"forecast-{today}", forecast_heads(), cells)


@require_safe
@staff(Capability.PROFIT_VIEW)
def utilisation(request: StaffRequest) -> HttpResponse:
    """Working hours, logged and billable ones of each person."""
    period, asked = _asked(request)
    rows = utilised(asked)
    periods = [{"label": label, "url": f"?period={name}", "current": name == period} for name, label in PERIODS.items()]
    context = {"rows": rows, "total": together(rows), "periods": periods, "period": period, "asked": asked}
    return render(request, "billing/utilisation.html", context)


@require_safe
@staff(Capability.PROFIT_VIEW)
def utilisation_export(request: StaffRequest) -> HttpResponse:
    _period, asked = _asked(request)
    name = f"utilisation-{asked.first}-{asked.last}"
    return table_or_refusal(
        request, "billing:utilisation", name, utilisation_heads(), utilisation_cells(utilised(asked))
    )


def _asked(request: StaffRequest) -> tuple[str, Window]:
    period = request.GET.get("period", "")
    period = period if period in PERIODS else "month"
    return period, window(*days_of(period, shop_today(timezone.now())))


routes = [
    path("owner/profit/forecast/", forecast, name="forecast"),
    path("owner/profit/forecast/export.csv", forecast_export, name="forecast-csv"),
    path("owner/profit/utilisation/", utilisation, name="utilisation"),
    path("owner/profit/utilisation/export.csv", utilisation_export, name="utilisation-csv"),
]
