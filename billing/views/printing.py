"""Invoices that go by post: the pile, the files, and saying that they are printed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access import batch_or_404
from billing.queries.printing import batches, pile
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, nothing_new, seen, wants_part
from msp.files.documents import response_of


@require_safe
@staff(Capability.BILLING_VIEW)
def prints(request: StaffRequest) -> HttpResponse:
    """What waits for the printer; followed while a file is being made."""
    waiting, made = pile(), batches()
    mark = seen([len(waiting), [(batch.pk, batch.state, batch.printed_at) for batch, _number in made]])
    if (same := nothing_new(request, mark)) is not None:
        return same
    context = {"waiting": waiting, "batches": made, "seen": mark}
    return render(request, f"billing/{'_' if wants_part(request) else ''}prints.html", context)


@require_POST
@staff(Capability.BILLING_APPROVE)
def start(request: StaffRequest) -> HttpResponseBase:
    try:
        actions.start_print(actor=request.actor, now=timezone.now())
        messages.success(request, _("One file of all of them is being made."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing:prints")


@require_safe
@staff(Capability.BILLING_VIEW)
def pdf(request: StaffRequest, print_batch_id: UUID) -> HttpResponseBase:
    """The file, shown in the browser."""
    batch = batch_or_404(print_batch_id)
    if batch.pdf is None:
        raise Http404
    return response_of(batch.pdf, inline=True)


@require_POST
@staff(Capability.BILLING_APPROVE)
def printed(request: StaffRequest, print_batch_id: UUID) -> HttpResponseBase:
    try:
        actions.say_printed(batch=batch_or_404(print_batch_id), actor=request.actor, now=timezone.now())
        messages.success(request, _("They are on their way. Their promises are kept."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing:prints")


routes = [
    path("billing/prints/", prints, name="prints"),
    path("billing/prints/start/", start, name="start-print"),
    path("billing/prints/<uuid:print_batch_id>/pdf/", pdf, name="print-pdf"),
    path("billing/prints/<uuid:print_batch_id>/printed/", printed, name="say-printed"),
]
