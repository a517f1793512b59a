"""Overdue: who owes how much for how long."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.documents.ageing import ageing_heads, ageing_rows
from billing.queries.ageing import ageing
from billing.queries.lists import shop_today
from billing.rules.ageing import STEPS
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import table_or_refusal


@require_safe
@staff(Capability.BILLING_VIEW)
def overdue(request: StaffRequest) -> HttpResponse:
    """By client and age, today or at the end of an earlier day."""
    today = shop_today(timezone.now())
    found = ageing(_asked(request, today), today=today, params=request.GET.dict())
    return render(request, "billing/ageing.html", {"a": found, "today": today, "heads": _heads()})


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """All of it as CSV."""
    today = shop_today(timezone.now())
    found = ageing(_asked(request, today), today=today)
    return table_or_refusal(request, "billing:overdue", f"ageing-{found.on}", ageing_heads(), ageing_rows(found))


def _asked(request: StaffRequest, today: date) -> date:
    """The day in the address; nonsense and what is still to come is today."""
    try:
        day = parse_date(request.GET.get("on", ""))
    except ValueError:
        day = None
    return min(day, today) if day else today


def _heads() -> list[str]:
    """What stands above the columns of what is past due."""
    low = (1, *(step + 1 for step in STEPS))
    first = [_("%(low)d to %(high)d days") % {"low": a, "high": b} for a, b in zip(low, STEPS, strict=False)]
    return [*first, _("over %d days") % STEPS[-1]]
