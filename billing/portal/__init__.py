"""The client's side: the list, one invoice, its PDF."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.access import numbered_or_404, pdf_or_404, xml_or_404
from billing.models import Receivable
from billing.queries.asking import asked_about
from billing.queries.cards import takes_cards
from billing.queries.detail import lines_of
from billing.queries.lists import sums
from billing.queries.portal import open_proformas, portal_page
from billing.queries.settling import settlements_of
from billing.queries.tax import printed_totals
from billing.rules.money import ZERO
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.files.documents import response_of
from msp.tenancy.context import on_behalf


@require_safe
@portal(PortalCapability.INVOICES)
def invoices(request: PortalRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {"page": portal_page(request.GET.dict()), "sums": sums(today), "today": today}
    context |= {"proformas": open_proformas()}
    return render(request, "billing/portal_invoices.html", context)


@require_safe
@portal(PortalCapability.INVOICES)
def invoice(request: PortalRequest, invoice_id: UUID) -> HttpResponse:
    found = numbered_or_404(invoice_id)
    lines, owed, today = lines_of(found), Receivable.objects.filter(invoice=found).first(), timezone.localdate()
    asked = asked_about(found, owed.owed if owed else ZERO, today)
    context = {
        "invoice": found,
        "lines": lines,
        "totals": printed_totals(found),
        "owed": owed,
        "asked": asked,
        "rest": (owed.owed if owed else ZERO) - asked.held,
        "may_ask": found.is_owed and not found.is_credit,
        "settlements": settlements_of(found),
        "today": today,
        "takes_cards": _takes_cards(),
    }
    return render(request, "billing/portal_invoice.html", context)


@require_safe
@portal(PortalCapability.INVOICES)
def pdf(request: PortalRequest, invoice_id: UUID) -> HttpResponseBase:
    """The document, to keep."""
    return response_of(pdf_or_404(invoice_id))


def _takes_cards() -> bool:
    """The processor's row is closed to clients; whether there is one is not."""
    with on_behalf():
        return takes_cards()


@require_safe
@portal(PortalCapability.INVOICES)
def xml(request: PortalRequest, invoice_id: UUID) -> HttpResponseBase:
    """The e-invoice as data, to keep or to book."""
    return response_of(xml_or_404(invoice_id))
