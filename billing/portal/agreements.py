"""The client's side of its agreements: what was agreed, and what is left in its blocks."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.queries.agreement_pages import portal_agreements
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest


@require_safe
@portal(PortalCapability.INVOICES)
def agreements(request: PortalRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {"agreements": portal_agreements(today), "today": today}
    return render(request, "billing/portal_agreements.html", context)
