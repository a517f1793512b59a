"""Paying an invoice by card. The form only asks for a page; a plain link leads to it, so no form of ours leads elsewhere."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access import numbered_or_404, receivable_or_404
from billing.queries.cards import latest_checkout
from billing.rules.refusals import Refused
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest, wants_part
from msp.tenancy.context import on_behalf


@require_POST
@portal(PortalCapability.INVOICES)
def pay(request: PortalRequest, invoice_id: UUID) -> HttpResponseBase:
    """Ask for the page."""
    invoice = numbered_or_404(invoice_id)
    try:
        with on_behalf():
            actions.ask_for_checkout(invoice=invoice, actor=request.actor, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("billing:portal-invoice", invoice.pk)
    return redirect("billing:portal-pay-page", invoice.pk)


@require_safe
@portal(PortalCapability.INVOICES)
def page(request: PortalRequest, invoice_id: UUID) -> HttpResponse:
    """The way to the card payment page, asked again every second until it is there."""
    invoice = numbered_or_404(invoice_id)
    context = {"invoice": invoice, "owed": receivable_or_404(invoice_id), "checkout": latest_checkout(invoice)}
    return render(request, "billing/_checkout.html" if wants_part(request) else "billing/portal_pay.html", context)
