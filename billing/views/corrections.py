"""Documents made from documents: credit and debit notes, deposits taken off, a pro forma that is billed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access import invoice_or_404, numbered_or_404
from billing.forms.documents import CreditForm, ReasonToCorrectForm
from billing.queries.crediting import left_of
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def credit(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Give back lines of an issued invoice, or parts of them: a draft credit note."""
    invoice = numbered_or_404(invoice_id)
    form = CreditForm(request.POST or None, lines=left_of(invoice), currency=invoice.currency)
    if form.is_bound and form.is_valid():
        given = {"lines": form.asked, "reason": form.cleaned_data["reason"]}
        try:
            note = actions.credit_invoice(invoice=invoice, actor=request.actor, now=timezone.now(), **given)
            messages.success(request, _("The credit note is drafted. Check it and let it go."))
            return redirect(note)
        except Refused as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "invoice": invoice, "back": invoice.get_absolute_url()}
    return render(request, "billing/credit.html", context, status=422 if form.is_bound else 200)


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def debit(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Charge what an issued invoice forgot: a draft debit note, and on to its first line."""
    invoice = numbered_or_404(invoice_id)
    form = ReasonToCorrectForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            reason, now = form.cleaned_data["reason"], timezone.now()
            note = actions.debit_invoice(invoice=invoice, reason=reason, actor=request.actor, now=now)
            return redirect("billing:new-line", note.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    title = _("Debit note for %(number)s") % {"number": invoice.number}
    context = {"form": form, "title": title, "invoice": invoice, "back": invoice.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.BILLING_DRAFT)
def deduct(request: StaffRequest, invoice_id: UUID, deposit_id: UUID) -> HttpResponseBase:
    """Take a deposit off a draft, which becomes a final invoice."""
    invoice, deposit = invoice_or_404(invoice_id), numbered_or_404(deposit_id)
    try:
        actions.deduct_deposit(invoice=invoice, deposit=deposit, actor=request.actor, now=timezone.now())
        messages.success(request, _("%(number)s is taken off.") % {"number": deposit.number})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


@require_POST
@staff(Capability.BILLING_DRAFT)
def bill(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Draft the invoice of a pro forma."""
    proforma = numbered_or_404(invoice_id)
    try:
        return redirect(actions.bill_proforma(proforma=proforma, actor=request.actor, now=timezone.now()))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(proforma)
