"""What is put against an invoice without new money: credit, and write-offs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access import numbered_or_404, receivable_or_404, write_off_or_404
from billing.forms.paying import PaymentForm, WriteOffForm
from billing.queries.lists import shop_today, sums
from billing.rules.refusals import Refused
from clients.access import client_or_404
from clients.models import Client
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def use(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Put the client's credit against this invoice."""
    invoice = numbered_or_404(invoice_id)
    try:
        actions.use_credit(invoice=invoice, actor=request.actor, now=timezone.now())
        messages.success(request, _("The credit is put against %(number)s.") % {"number": invoice.number})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.BILLING_APPROVE)
def write_off(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Give up what is owed, or a part of it."""
    invoice, owed = numbered_or_404(invoice_id), receivable_or_404(invoice_id)
    form = WriteOffForm(request.POST or None, initial={"amount": max(owed.owed, 0)})
    if form.is_bound and form.is_valid():
        try:
            actions.write_off(invoice=invoice, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("It is written off."))
            return redirect(invoice)
        except Refused as refused:
            form.add_error("amount", str(refused))
    context = {"form": form, "title": _("Write off"), "invoice": invoice, "back": invoice.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.BILLING_APPROVE)
def take_back(request: StaffRequest, write_off_id: UUID) -> HttpResponseBase:
    """The invoice is owed again."""
    row, reason = write_off_or_404(write_off_id), typed(request.POST, "reason", 300)
    try:
        actions.take_back_write_off(row=row, reason=reason, actor=request.actor, now=timezone.now())
        messages.success(request, _("It is owed again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(row.invoice)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.PAYMENTS_RECORD)
def on_account(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    """Record money of a client that is for no invoice yet."""
    client = client_or_404(client_slug)
    form = PaymentForm(request.POST or None, initial={"paid_on": shop_today(timezone.now())})
    if form.is_bound and form.is_valid():
        who: dict[str, Any] = {"actor": request.actor, "now": timezone.now()}
        try:
            actions.record_on_account(client=client, currency=client.currency, **form.said, **who)
            messages.success(
                request, _("The payment is recorded. Put it against invoices when it is known what it pays.")
            )
            return redirect(client)
        except Refused as refused:
            form.add_error("amount", str(refused))
    return _of_client(request, client, form, _("Record a payment on account"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.PAYMENTS_RECORD)
def pay_out(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    """Pay a client's credit back, the oldest first."""
    client, today = client_or_404(client_slug), shop_today(timezone.now())
    credit = next((each.credit for each in sums(today, client) if each.currency == client.currency), 0)
    form = PaymentForm(request.POST or None, initial={"paid_on": today, "amount": credit})
    if form.is_bound and form.is_valid():
        who: dict[str, Any] = {"actor": request.actor, "now": timezone.now()}
        try:
            actions.refund(client=client, currency=client.currency, **form.said, **who)
            messages.success(request, _("The refund is recorded."))
            return redirect(client)
        except Refused as refused:
            form.add_error("amount", str(refused))
    return _of_client(request, client, form, _("Pay credit back"))


def _of_client(request: StaffRequest, client: Client, form: PaymentForm, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "client": client, "back": client.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)
