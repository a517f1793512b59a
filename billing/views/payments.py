"""Payments: the list, recording one, one payment with where it went, taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access import allocation_or_404, numbered_or_404, payment_or_404, receivable_or_404
from billing.forms.paying import NumberedPaymentForm, PaymentForm, PutForm
from billing.models import Invoice, Payment, Receivable
from billing.queries.lists import payment_page, shop_today, sums
from billing.queries.settling import detail_of_payment
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


@require_safe
@staff(Capability.PAYMENTS_RECORD)
def payment(request: StaffRequest, payment_id: UUID) -> HttpResponse:
    """One payment: where it went and what is left of it."""
    return _page(request, payment_or_404(payment_id), _put_form(), _refund_form())


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def put(request: StaffRequest, payment_id: UUID) -> HttpResponseBase:
    """Put a part of what is left against an invoice."""
    found, form = payment_or_404(payment_id), _put_form(request.POST)
    if form.is_valid():
        try:
            actions.put_against(
                payment=found, invoice=form.invoice, amount=form.cleaned_data["amount"], **_who(request)
            )
            messages.success(request, _("It is put against %(number)s.") % {"number": form.invoice.number})
            return redirect(found)
        except Refused as refused:
            form.add_error("amount", str(refused))
    return _page(request, found, form, _refund_form())


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def pay_back(request: StaffRequest, payment_id: UUID) -> HttpResponseBase:
    """Pay a part of it back to the client."""
    found, form = payment_or_404(payment_id), _refund_form(request.POST)
    if form.is_valid():
        try:
            actions.refund(client=found.client, currency=found.currency, payment=found, **form.said, **_who(request))
            messages.success(request, _("The refund is recorded."))
            return redirect(found)
        except Refused as refused:
            form.add_error("amount", str(refused))
    return _page(request, found, _put_form(), form)


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def void(request: StaffRequest, payment_id: UUID) -> HttpResponseBase:
    """Take back a payment that was recorded by mistake."""
    found, reason = payment_or_404(payment_id), typed(request.POST, "reason", 300)
    try:
        actions.void_payment(payment=found, reason=reason, **_who(request))
        messages.success(request, _("The payment is taken back."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found.invoice or found)


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def take_off(request: StaffRequest, allocation_id: UUID) -> HttpResponseBase:
    """Take a payment or credit note off an invoice: the money is on account again."""
    found = allocation_or_404(allocation_id)
    try:
        actions.take_off(allocation=found, **_who(request))
        messages.success(request, _("It is taken off. What it paid is owed again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found.invoice or found.refund)


def _record(request: StaffRequest, invoice: Invoice, form: PaymentForm) -> bool:
    try:
        actions.record_payment(invoice=invoice, **form.said, **_who(request))
    except Refused as refused:
        form.add_error("amount", str(refused))
        return False
    messages.success(request, _("The payment on %(number)s is recorded.") % {"number": invoice.number})
    return True


def _offered(invoice: Invoice) -> dict[str, Any]:
    owed: Receivable = receivable_or_404(invoice.pk)
    return {"paid_on": shop_today(timezone.now()), "amount": max(owed.owed, 0), "reference": invoice.number}


def _who(request: StaffRequest) -> dict[str, Any]:
    return {"actor": request.actor, "now": timezone.now()}


def _put_form(given: QueryDict | None = None) -> PutForm:
    return PutForm(given, auto_id="put_%s")


def _refund_form(given: QueryDict | None = None) -> PaymentForm:
    return PaymentForm(given, auto_id="refund_%s")


def _page(request: StaffRequest, found: Payment, put_form: PutForm, refund_form: PaymentForm) -> HttpResponse:
    detail = detail_of_payment(found)
    today = shop_today(timezone.now())
    for form, offered in ((put_form, detail.offer), (refund_form, {"paid_on": today, "amount": detail.left})):
        form.initial = {**form.initial, **offered}
    context = {"d": detail, "put_form": put_form, "refund_form": refund_form}
    status = 422 if put_form.is_bound or refund_form.is_bound else 200
    return render(request, "billing/payment.html", context, status=status)
