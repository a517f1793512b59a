"""The ledger: balances and entries, closing the books, files for the accountant's program, the chart of accounts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.documents.ledger import MOST_ENTRIES, SYSTEMS, ledger_file
from billing.forms.ledger import ChartForm, CloseForm, period_of
from billing.queries.ledger import balances, books, entry_page, exported
from billing.queries.lists import shop_today
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.rules import TooManyRows


@require_safe
@staff(Capability.BILLING_VIEW)
def ledger(request: StaffRequest) -> HttpResponse:
    """Balances at the end of a period, and its entries."""
    return _page(request, CloseForm(initial={"through": books().closed_through}))


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponseBase:
    """A period for one system."""
    now = timezone.now()
    starts, ends = period_of(request.GET, shop_today(now))
    system = request.GET.get("system", "")
    entries = list(exported(starts, ends, MOST_ENTRIES + 1))
    try:
        if len(entries) > MOST_ENTRIES:
            raise TooManyRows
        return ledger_file(
            system if system in SYSTEMS else "ledger", entries, starts=starts, ends=ends, books=books(), now=now
        )
    except TooManyRows:
        messages.error(request, _("These are too many entries for one file: choose a shorter period."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('billing:ledger')}?from={starts}&to={ends}")


@require_POST
@staff(Capability.BILLING_APPROVE)
def close(request: StaffRequest) -> HttpResponseBase:
    """Close the books through a day, or open them again."""
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            actions.close_books(actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("billing:ledger")
        except Refused as refused:
            form.add_error("through", str(refused))
    return _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def chart(request: StaffRequest) -> HttpResponseBase:
    """The numbers of the accounts."""
    form = ChartForm(request.POST or None, instance=books())
    if form.is_bound and form.is_valid():
        actions.save_chart(codes=form.codes, values=form.values, actor=request.actor, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("billing:chart")
    return render(request, "billing/chart.html", {"form": form}, status=422 if form.is_bound else 200)


def _page(request: StaffRequest, form: CloseForm) -> HttpResponse:
    starts, ends = period_of(request.GET, shop_today(timezone.now()))
    context = {
        "starts": starts,
        "ends": ends,
        "page": entry_page(starts, ends, request.GET.dict()),
        "balances": balances(ends),
        "books": books(),
        "systems": SYSTEMS,
        "form": form,
    }
    return render(request, "billing/ledger.html", context, status=422 if form.is_bound else 200)
