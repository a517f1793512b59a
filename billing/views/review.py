"""Checking invoices before they leave."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access import invoice_or_404
from billing.forms import ReasonForm
from billing.models import Invoice
from billing.queries.approving import approval_of
from billing.queries.board import review_board
from billing.queries.tax import printed_totals
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, nothing_new, seen, typed, wants_part
from msp.tenancy.ids import id_from


@require_safe
@staff(Capability.BILLING_VIEW)
def review(request: StaffRequest) -> HttpResponse:
    """The queue, and beside it the invoice that `?invoice=` names, or the first."""
    board = review_board(timezone.now())
    chosen = board.chosen(request.GET.get("invoice", ""))
    mark = seen([*board.marks(), chosen and chosen.invoice.pk])
    if (same := nothing_new(request, mark)) is not None:
        return same
    totals = printed_totals(chosen.invoice) if chosen else None
    context: dict[str, object] = {
        "board": board,
        "chosen": chosen,
        "totals": totals,
        "form": ReasonForm(),
        "seen": mark,
    }
    context |= approval_of(chosen.invoice if chosen else None, request.actor.id)
    return render(request, f"billing/{'_' if wants_part(request) else ''}review.html", context)


@require_POST
@staff(Capability.BILLING_APPROVE)
def approve_picked(request: StaffRequest) -> HttpResponseBase:
    """Approve all picked invoices that pass every check."""
    approved = first = 0
    for invoice in (
        Invoice.objects.in_review()
        .filter(pk__in=list(filter(None, map(id_from, request.POST.getlist("pick")))))
        .order_by("id")
    ):
        try:
            done = actions.approve_invoice(invoice=invoice, actor=request.actor, now=timezone.now())
            approved, first = approved + (not done.is_draft), first + done.is_draft
        except Refused as refused:
            messages.error(request, f"{invoice.buyer_name}: {refused}")
    if first:
        text = ngettext("%d invoice waits for a second person.", "%d invoices wait for a second person.", first) % first
        messages.success(request, text)
    if approved:
        text = ngettext("%d invoice is on its way.", "%d invoices are on their way.", approved) % approved
        messages.success(request, text)
    return redirect("billing:review")


@require_POST
@staff(Capability.BILLING_APPROVE)
def approve(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Approve one invoice, with the typed reason if its checks warn."""
    invoice, reason = invoice_or_404(invoice_id), typed(request.POST, "reason", 300)
    try:
        done = actions.approve_invoice(invoice=invoice, actor=request.actor, now=timezone.now(), reason=reason)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(invoice)
    if done.is_draft:
        messages.success(request, _("Approved by you. A second person must approve it, too."))
        return redirect("billing:review")
    undo = reverse("billing:recall", args=[invoice.pk])
    text = _("The invoice for %(client)s is on its way.") % {"client": invoice.client.name}
    messages.success(request, text, extra_tags=f"undo={undo}")
    return redirect("billing:review")


@require_POST
@staff(Capability.BILLING_APPROVE)
def recall(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Undo an approval while it waits."""
    invoice = invoice_or_404(invoice_id)
    try:
        actions.recall_invoice(invoice=invoice, actor=request.actor, now=timezone.now())
        messages.success(request, _("Called back. It is a draft again, and no number was used."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)


@require_POST
@staff(Capability.BILLING_APPROVE)
def retry(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Try again what a worker gave up."""
    invoice = invoice_or_404(invoice_id)
    try:
        actions.retry_release(invoice=invoice, actor=request.actor, now=timezone.now())
        messages.success(request, _("It is tried again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(invoice)
