"""Settings, Billing: taxes with their dates, and how documents look and count."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access import tax_rate_or_404
from billing.forms.documents import DocumentsForm, TaxOptionsForm, TaxRateForm
from billing.queries.tax import tax_rates
from billing.queries.terms import shop
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.marks import ChangedMeanwhile

from .settings import settings_tabs

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def taxes(request: StaffRequest) -> HttpResponseBase:
    """How taxes are worked out, and which there are since when."""
    form = TaxOptionsForm(request.POST or None, instance=shop().billing)
    if form.is_bound and form.is_valid() and _save(request, form):
        return redirect("billing:taxes")
    return _tax_page(request, form, TaxRateForm(), form.status)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def add_rate(request: StaffRequest) -> HttpResponseBase:
    """A tax from a day on."""
    form = TaxRateForm(request.POST)
    if form.is_valid():
        try:
            actions.add_tax_rate(values=form.cleaned_data, actor=request.actor, now=timezone.now())
            messages.success(request, _("Saved. It holds from its day on; drafts keep what they were made with."))
            return redirect("billing:taxes")
        except Refused as refused:
            form.add_error("valid_from", str(refused))
    return _tax_page(request, TaxOptionsForm(instance=shop().billing), form, 422)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def remove_rate(request: StaffRequest, tax_rate_id: UUID) -> HttpResponseBase:
    """Take back a tax that was entered by mistake."""
    actions.remove_tax_rate(row=tax_rate_or_404(tax_rate_id), actor=request.actor, now=timezone.now())
    messages.success(request, _("The tax is gone. Documents that were made with it keep it."))
    return redirect("billing:taxes")


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def documents(request: StaffRequest) -> HttpResponseBase:
    """Paper, columns, texts, number series, and what e-invoices say of the shop."""
    form = DocumentsForm(request.POST or None, instance=shop().billing)
    if form.is_bound and form.is_valid() and _save(request, form):
        return redirect("billing:settings-documents")
    context = {"form": form, "tabs": settings_tabs("billing:settings-documents")}
    return render(request, "billing/documents.html", context, status=form.status)


def _save(request: StaffRequest, form: TaxOptionsForm | DocumentsForm) -> bool:
    try:
        values, mark = form.cleaned_data, form.shown
        actions.change_settings(values=values, mark=mark, actor=request.actor, now=timezone.now())
        messages.success(request, _("Saved. Issued documents stay what they are."))
        return True
    except Refused as refused:
        form.add_error(None, str(refused))
    except ChangedMeanwhile as changed:
        form.show_changed(changed)
    return False


def _tax_page(request: StaffRequest, form: TaxOptionsForm, rate: TaxRateForm, status: int) -> HttpResponse:
    here = shop()
    context = {"form": form, "rate_form": rate, "rows": tax_rates(), "billing": here.billing}
    context |= {"tabs": settings_tabs("billing:taxes")}
    return render(request, "billing/taxes.html", context, status=status)
