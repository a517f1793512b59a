"""Payments: the list, recording one, taking one back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access import numbered_or_404, payment_or_404
from billing.forms import NumberedPaymentForm, PaymentForm
from billing.models import Invoice, Receivable
from billing.queries.lists import payment_page, shop_today, sums
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@_PAGE_WITH_FORM
@staff(Capability.PAYMENTS_RECORD)
def payments(request: StaffRequest) -> HttpResponseBase:
    """What came in, and a form for the next one."""
    today = shop_today(timezone.now())
    form = NumberedPaymentForm(request.POST or None, initial={"paid_on": today})
    if form.is_bound and form.is_valid() and _record(request, form.invoice, form):
        return redirect("billing:payments")
    context = {"form": form, "page": payment_page(request.GET.dict()), "sums": sums(today)}
    return render(request, "billing/payments.html", context, status=422 if form.is_bound else 200)


@_PAGE_WITH_FORM
@staff(Capability.PAYMENTS_RECORD)
def pay(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Record a payment on this invoice; the form offers what is owed."""
    invoice = numbered_or_404(invoice_id)
    form = PaymentForm(request.POST or None, initial=_offered(invoice))
    if form.is_bound and form.is_valid() and _record(request, invoice, form):
        return redirect(invoice)
    context = {"form": form, "title": _("Record a payment"), "invoice": invoice, "back": invoice.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def void(request: StaffRequest, payment_id: UUID) -> HttpResponseBase:
    """Take back a payment that was recorded by mistake."""
    payment, reason = payment_or_404(payment_id), typed(request.POST, "reason", 300)
    try:
        actions.void_payment(payment=payment, reason=reason, actor=request.actor, now=timezone.now())
        messages.success(request, _("The payment is taken back."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(payment.invoice)


def _record(request: StaffRequest, invoice: Invoice, form: PaymentForm) -> bool:
    values = {name: form.cleaned_data[name] for name in ("amount", "paid_on", "method", "reference", "form_key")}
    try:
        actions.record_payment(invoice=invoice, actor=request.actor, now=timezone.now(), **values)
    except Refused as refused:
        form.add_error("amount", str(refused))
        return False
    messages.success(request, _("The payment on %(number)s is recorded.") % {"number": invoice.number})
    return True


def _offered(invoice: Invoice) -> dict[str, Any]:
    owed = Receivable.objects.get(invoice=invoice)
    return {"paid_on": shop_today(timezone.now()), "amount": max(owed.owed, 0), "reference": invoice.number}
