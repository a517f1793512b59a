"""Loyalty: the report of what was given, the rules, and the gift of a draft."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access import invoice_or_404, rule_or_404
from billing.documents.care import gift_heads, gift_table
from billing.forms.loyalty import MarginForm, RuleForm
from billing.models import LoyaltyRule
from billing.queries.care import care_settings
from billing.queries.lists import shop_today
from billing.queries.loyalty import gift_page, gift_rows, gift_sums, living_rules
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import MOST_ROWS, table_or_refusal
from msp.tenancy.marks import ChangedMeanwhile

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff(Capability.BILLING_VIEW)
def report(request: StaffRequest) -> HttpResponse:
    """What was given to whom, by year."""
    this, year = shop_today(timezone.now()).year, _year(request)
    tabs = [{"label": _("All"), "url": "?", "current": year is None, "count": None}]
    tabs += [
        {"label": str(each), "url": f"?year={each}", "current": each == year, "count": None}
        for each in range(this, this - 3, -1)
    ]
    page = gift_page(request.GET.dict(), year)
    context = {"page": page, "sums": gift_sums(year), "tabs": tabs, "year": year, "has_rules": bool(living_rules())}
    return render(request, "billing/loyalty.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The same as CSV."""
    rows = gift_rows(_year(request)).order_by("-given_at", "-id")[: MOST_ROWS + 1]
    name = f"gifts-{shop_today(timezone.now())}"
    return table_or_refusal(request, "billing:loyalty", name, gift_heads(), gift_table(rows))


@require_POST
@staff(Capability.BILLING_DRAFT)
def give(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Put the client's gift on the draft."""
    invoice = invoice_or_404(invoice_id)
    try:
        gift = actions.give_gift(invoice=invoice, actor=request.actor, now=timezone.now())
        said = _("The gift is a line of the draft.") if gift else _("There is nothing to celebrate now.")
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


@require_POST
@staff(Capability.BILLING_DRAFT)
def fees(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Put the client's waiting reminder fees on the draft."""
    invoice = invoice_or_404(invoice_id)
    try:
        actions.add_fees(invoice=invoice, actor=request.actor, now=timezone.now())
        messages.success(request, _("The fees are lines of the draft."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def settings(request: StaffRequest) -> HttpResponseBase:
    """The rules, and the margin that no gift may touch."""
    form = MarginForm(request.POST or None, instance=care_settings())
    if form.is_bound and form.is_valid():
        try:
            values, mark = form.cleaned_data, form.shown
            actions.change_care_settings(values=values, mark=mark, actor=request.actor, now=timezone.now())
            messages.success(request, _("Saved."))
            return redirect("billing:loyalty-settings")
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
    return render(request, "billing/loyalty_settings.html", {"form": form, "rules": living_rules()}, status=form.status)


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def add(request: StaffRequest) -> HttpResponseBase:
    form = RuleForm(request.POST or None, instance=LoyaltyRule())
    if form.is_bound and form.is_valid():
        actions.add_rule(values=form.cleaned_data, actor=request.actor, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("billing:loyalty-settings")
    return render(request, "billing/loyalty_rule.html", {"form": form, "title": _("Add a rule")}, status=form.status)


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def change(request: StaffRequest, loyalty_rule_id: UUID) -> HttpResponseBase:
    rule = rule_or_404(loyalty_rule_id)
    form = RuleForm(request.POST or None, instance=rule)
    if form.is_bound and form.is_valid():
        try:
            values, mark = form.cleaned_data, form.shown
            actions.change_rule(rule=rule, values=values, mark=mark, actor=request.actor, now=timezone.now())
            messages.success(request, _("Saved."))
            return redirect("billing:loyalty-settings")
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
    return render(request, "billing/loyalty_rule.html", {"form": form, "title": rule.name}, status=form.status)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def archive(request: StaffRequest, loyalty_rule_id: UUID) -> HttpResponseBase:
    actions.archive_rule(rule=rule_or_404(loyalty_rule_id), actor=request.actor, now=timezone.now())
    messages.success(request, _("Nothing is given by it any more. What was given stays."))
    return redirect("billing:loyalty-settings")


def _year(request: StaffRequest) -> int | None:
    asked = request.GET.get("year", "")
    return int(asked) if len(asked) == 4 and asked.isdecimal() else None
