"""Changing a draft."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access import invoice_or_404, line_or_404
from billing.forms import DraftForm, LineForm, NewLineForm
from billing.models import Invoice
from billing.queries.lists import shop_today
from billing.queries.tax import named_taxes
from billing.queries.terms import terms_for
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def edit(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """The purchase order number and the days to pay."""
    invoice = invoice_or_404(invoice_id)
    form = DraftForm(request.POST or None, instance=invoice)
    if form.is_bound and form.is_valid():
        try:
            actions.edit_draft(invoice=invoice, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            return redirect(invoice)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _form_page(request, form, invoice, _("Change the draft"))


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def new_line(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """A line that no work stands behind."""
    invoice = invoice_or_404(invoice_id)
    form = NewLineForm(request.POST or None, initial={"tax_rate": terms_for(invoice.client).tax_rate})
    form.offer(named_taxes(shop_today(timezone.now())))
    if form.is_bound and form.is_valid():
        try:
            actions.add_line(invoice=invoice, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            return redirect(invoice)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _form_page(request, form, invoice, _("Add a line"))


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def edit_line(request: StaffRequest, invoice_id: UUID, line_id: UUID) -> HttpResponseBase:
    """Words, quantity and price of a line."""
    line = line_or_404(invoice_id, line_id)
    form = LineForm(request.POST or None, instance=line)
    form.offer(named_taxes(shop_today(timezone.now())))
    if form.is_bound and form.is_valid():
        try:
            row = line_or_404(invoice_id, line_id)
            actions.edit_line(line=row, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            return redirect(line.invoice)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _form_page(request, form, line.invoice, _("Change a line"))


@require_POST
@staff(Capability.BILLING_DRAFT)
def remove_line(request: StaffRequest, invoice_id: UUID, line_id: UUID) -> HttpResponseBase:
    """Take a line off; its time is unbilled again."""
    line, reason = line_or_404(invoice_id, line_id), typed(request.POST, "reason", 300)
    try:
        _check_reason(reason)
        actions.remove_line(line=line, actor=request.actor, now=timezone.now(), reason=reason)
        messages.success(request, _("The line is gone. Its time is unbilled again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(line.invoice)


@require_POST
@staff(Capability.BILLING_DRAFT)
def discard(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Give the draft up."""
    invoice, reason = invoice_or_404(invoice_id), typed(request.POST, "reason", 300)
    try:
        _check_reason(reason)
        actions.discard_draft(invoice=invoice, actor=request.actor, now=timezone.now(), reason=reason)
        messages.success(request, _("The draft is discarded. Its work is unbilled again."))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(invoice)
    return redirect("billing:review")


@require_POST
@staff(Capability.BILLING_DRAFT)
def retax(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Take over the tax that holds for the client today."""
    invoice = invoice_or_404(invoice_id)
    try:
        actions.retax_draft(invoice=invoice, actor=request.actor, now=timezone.now())
        messages.success(request, _("The client's tax of today is on the draft."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


def _check_reason(reason: str) -> None:
    if not reason:
        raise Refused(_("Say why."))


def _form_page(
    request: StaffRequest, form: DraftForm | LineForm | NewLineForm, invoice: Invoice, title: str
) -> HttpResponseBase:
    context = {"form": form, "title": title, "invoice": invoice, "back": invoice.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)
