"""Settings, Billing: rates, tax, numbers, texts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.forms import FirstNumberForm, SettingsForm
from billing.queries.series import current_series
from billing.queries.terms import shop
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.marks import ChangedMeanwhile


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def settings(request: StaffRequest) -> HttpResponseBase:
    form = SettingsForm(request.POST or None, instance=shop().billing)
    if form.is_bound and form.is_valid():
        try:
            values, mark = form.cleaned_data, form.shown
            actions.change_settings(values=values, mark=mark, actor=request.actor, now=timezone.now())
            messages.success(request, _("Saved. Drafts keep the prices they were made with."))
            return redirect("billing:settings")
        except Refused as refused:
            form.add_error("number_prefix", str(refused))
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
    return _page(request, form)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def numbers(request: StaffRequest) -> HttpResponseBase:
    """Go on where another system stopped."""
    form = FirstNumberForm(request.POST)
    if form.is_valid():
        try:
            actions.start_numbers_at(actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("billing:settings")
        except Refused as refused:
            form.add_error("number", str(refused))
    return _page(request, SettingsForm(instance=shop().billing), form)


def settings_tabs(current: str) -> list[dict[str, object]]:
    """The pages of the billing settings."""
    names = {
        "billing:settings": _("Rates and numbers"),
        "billing:taxes": _("Taxes"),
        "billing:settings-documents": _("Documents"),
    }
    return [{"label": label, "url": reverse(name), "current": name == current} for name, label in names.items()]


def _page(request: StaffRequest, form: SettingsForm, first: FirstNumberForm | None = None) -> HttpResponse:
    series = current_series(timezone.now())
    context = {
        "form": form,
        "tabs": settings_tabs("billing:settings"),
        "series": series,
        "first_form": first or FirstNumberForm(initial={"number": series.next_number}),
        "currency": shop().defaults.currency,
    }
    status = 422 if first is not None and first.is_bound else form.status
    return render(request, "billing/settings.html", context, status=status)
