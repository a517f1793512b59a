"""The list of invoices, one invoice, its PDF."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.access import invoice_or_404, pdf_or_404, xml_or_404
from billing.documents.table import invoice_heads, invoice_rows
from billing.forms import ReasonForm
from billing.queries.approving import approval_of
from billing.queries.detail import detail_of
from billing.queries.extras import care_of
from billing.queries.lists import Tab, invoice_page, issued_rows, shop_today, sums, tab_counts
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.documents import MOST_ROWS, response_of, table_or_refusal

TABS = {
    Tab.OPEN: _("Open"),
    Tab.OVERDUE: _("Past due"),
    Tab.PAID: _("Paid"),
    Tab.WRITTEN_OFF: _("Written off"),
    Tab.DRAFT: _("Draft"),
    Tab.PROFORMA: _("Pro forma"),
    Tab.ALL: _("All issued"),
}


@require_safe
@staff(Capability.BILLING_VIEW)
def invoices(request: StaffRequest) -> HttpResponse:
    """Invoices by what they wait for."""
    today, tab, words = shop_today(timezone.now()), _tab(request), _words(request)
    page, rows = invoice_page(tab, words=words, today=today, params=request.GET.dict())
    counts = tab_counts(today)
    tabs = [
        {"label": label, "url": f"?view={value}", "current": value is tab, "count": counts.get(value)}
        for value, label in TABS.items()
    ]
    context = {
        "page": page,
        "rows": rows,
        "tabs": tabs,
        "tab": tab,
        "words": words,
        "today": today,
        "sums": sums(today),
    }
    return render(request, "billing/invoices.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The issued invoices of the same view as CSV."""
    today = shop_today(timezone.now())
    rows = issued_rows(_tab(request), words=_words(request), today=today).order_by("-issued_at", "-id")
    table = invoice_rows(rows[: MOST_ROWS + 1])
    return table_or_refusal(request, "billing:invoices", f"invoices-{today}", invoice_heads(), table)


@require_safe
@staff(Capability.BILLING_VIEW)
def invoice(request: StaffRequest, invoice_id: UUID) -> HttpResponse:
    """Lines, money, activity, and where it stands on its way to the client."""
    now = timezone.now()
    found = invoice_or_404(invoice_id)
    context = {"d": detail_of(found, now), "today": shop_today(now), "form": ReasonForm()}
    context |= approval_of(found, request.actor.id) | care_of(found, now)
    return render(request, "billing/invoice.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def state(request: StaffRequest, invoice_id: UUID) -> HttpResponse:
    """Where it stands, asked again every few seconds while it is on its way. A new stage draws the page anew."""
    detail = detail_of(invoice_or_404(invoice_id), timezone.now())
    if request.GET.get("was", detail.stage) != detail.stage:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "billing/_state.html", {"d": detail})


@require_safe
@staff(Capability.BILLING_VIEW)
def pdf(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """The document as it was sent, shown in the browser."""
    return response_of(pdf_or_404(invoice_id), inline=True)


@require_safe
@staff(Capability.BILLING_VIEW)
def xml(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """The e-invoice as data, to keep."""
    return response_of(xml_or_404(invoice_id))


def _tab(request: StaffRequest) -> Tab:
    asked = request.GET.get("view", "")
    return Tab(asked) if asked in set(Tab) else Tab.OPEN


def _words(request: StaffRequest) -> str:
    return typed(request.GET, "q")
