"""Tickets that come again: the list of plans, and each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.jobs.choices import DueState
from msp.tenancy.keyset import page_of
from tickets import actions
from tickets.access import client_asked_for, recurring_or_404
from tickets.forms import PauseForm, RecurringForm
from tickets.models import RecurringTicket
from tickets.queries.plans import templates
from tickets.queries.queues import staff_rows
from tickets.rules import Refused

from .answers import form_errors


@require_safe
@staff(Capability.TICKETS_VIEW)
def plans(request: StaffRequest) -> HttpResponse:
    ended = request.GET.get("view") == "ended"
    rows = RecurringTicket.objects.select_related("client", "template", "assignee", "last_ticket")
    rows = rows.exclude(state=DueState.QUEUED) if ended else rows.filter(state=DueState.QUEUED)
    page = page_of(rows, order=("due_at", "id"), params=request.GET.dict())
    return render(request, "tickets/recurring_list.html", {"page": page, "ended": ended})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_ASSIGN)
def new_plan(request: StaffRequest) -> HttpResponseBase:
    """First whose it is, then what and when."""
    asked = request.GET.get("client", "")
    client = client_asked_for(asked) if asked else None
    if client is None:
        return render(request, "tickets/recurring_client.html", {"asked": asked, "any": templates().exists()})
    return _edit(request, RecurringTicket(client=client))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_ASSIGN)
def edit_plan(request: StaffRequest, recurring_ticket_id: UUID) -> HttpResponseBase:
    return _edit(request, recurring_or_404(recurring_ticket_id))


def _edit(request: StaffRequest, row: RecurringTicket) -> HttpResponseBase:
    data = request.POST if request.method == "POST" else None
    form = RecurringForm(data, instance=row, client=row.client, people=staff_rows())
    if form.is_bound and form.is_valid():
        try:
            actions.save_recurring(actor=request.actor, now=timezone.now(), row=row, values=form.values)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("Saved."))
            return redirect("tickets:recurring-list")
    context: dict[str, Any] = {"form": form, "client": row.client, "row": None if row._state.adding else row}
    context["pause"] = PauseForm(initial={"until": row.paused_until})
    return render(request, "tickets/recurring.html", context, status=422 if form.errors else 200)


@require_POST
@staff(Capability.TICKETS_ASSIGN)
def skip(request: StaffRequest, recurring_ticket_id: UUID) -> HttpResponseBase:
    return _do(request, recurring_ticket_id, actions.skip_next, _("The next one is left out."))


@require_POST
@staff(Capability.TICKETS_ASSIGN)
def end(request: StaffRequest, recurring_ticket_id: UUID) -> HttpResponseBase:
    return _do(request, recurring_ticket_id, actions.end_recurring, _("No more of them will come."))


@require_POST
@staff(Capability.TICKETS_ASSIGN)
def pause(request: StaffRequest, recurring_ticket_id: UUID) -> HttpResponseBase:
    """Until a day; without one it goes on."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return redirect("tickets:edit-recurring", recurring_ticket_id=recurring_ticket_id)
    until = form.cleaned_data["until"]
    told = _("Paused.") if until else _("It goes on.")
    return _do(request, recurring_ticket_id, actions.pause_recurring, told, until=until)


def _do(
    request: StaffRequest, recurring_ticket_id: UUID, act: Callable[..., object], told: str, **values: Any
) -> HttpResponseBase:
    row = recurring_or_404(recurring_ticket_id)
    try:
        act(actor=request.actor, now=timezone.now(), row=row, **values)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, told)
    return redirect("tickets:recurring-list")
