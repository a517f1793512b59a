"""Above a client's limit: asking its approver, or writing down what we have in writing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import actions
from billing.access import invoice_or_404
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed


@require_POST
@staff(Capability.BILLING_DRAFT)
def ask(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Mail the client's approver."""
    invoice = invoice_or_404(invoice_id)
    try:
        asked = actions.ask_client(invoice=invoice, actor=request.actor, now=timezone.now())
        messages.success(request, _("%s gets a mail with a link to approve it.") % asked.contact)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


@require_POST
@staff(Capability.BILLING_APPROVE)
def keep(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """The approval came by letter or mail: say so."""
    invoice = invoice_or_404(invoice_id)
    try:
        words = typed(request.POST, "reason", 300)
        actions.keep_approval(invoice=invoice, words=words, actor=request.actor, now=timezone.now())
        messages.success(request, _("Kept with your name."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


routes = [
    path("billing/invoices/<uuid:invoice_id>/approval/ask/", ask, name="ask-client"),
    path("billing/invoices/<uuid:invoice_id>/approval/keep/", keep, name="keep-approval"),
]
