"""What people do about a ticket's clocks: promise an update, say what a supplier promised, say why a deadline was broken."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.keyset import page_of
from tickets import actions
from tickets.access import clock_or_404, ticket_or_404
from tickets.choices import ClockKind, ExclusionState, Status
from tickets.forms import ReasonForm, SupplierForm, UpdateForm
from tickets.models import Ticket
from tickets.queries.levels import asked_exclusions, breaches_of, broken_promises, unexplained_count
from tickets.queries.sla import broken_clocks, clocks_of, shown_clocks, supplier_wait_of
from tickets.rules import Refused

from .answers import back, form_errors

VIEWS = ("open", "asked", "all")


def clock_context(ticket: Ticket) -> dict[str, Any]:
    """What tickets/_clocks.html shows."""
    clocks = clocks_of(ticket)
    promised = [clock for clock in clocks if clock.kind == ClockKind.NEXT_UPDATE and clock.promise.is_standing]
    return {
        "clocks": shown_clocks(clocks),
        "broken_clocks": broken_clocks(clocks),
        "asked_clocks": [clock for clock in clocks if clock.exclusion == ExclusionState.ASKED],
        "update": next((clock.promise for clock in promised if clock.is_by_hand), None),
        "supplier": supplier_wait_of(ticket) if ticket.status == Status.WAITING_SUPPLIER else None,
    }


@require_POST
@staff(Capability.TICKETS_WORK)
def promise_update(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Promise the client an update by a time, or another time for the one that was promised."""
    ticket, form, now = ticket_or_404(ticket_number), UpdateForm(request.POST), timezone.now()
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return redirect(ticket)
    at, because = form.cleaned_data["at"], form.cleaned_data["because"]
    act = {"actor": request.actor, "now": now, "ticket": ticket, "at": at}
    try:
        actions.move_next_update(**act, because=because) if because else actions.promise_next_update(**act)
        messages.success(request, _("The client hears from us by then."))
    except Refused as reason:
        messages.error(request, str(reason))
    return redirect(ticket)


@require_POST
@staff(Capability.TICKETS_WORK)
def note_supplier(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket, form = ticket_or_404(ticket_number), SupplierForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(form_errors(form))
        actions.note_supplier(actor=request.actor, now=timezone.now(), ticket=ticket, **form.cleaned_data)
        messages.success(request, _("Written down."))
    except Refused as reason:
        messages.error(request, str(reason))
    return redirect(ticket)


@require_POST
@staff(Capability.TICKETS_WORK)
def explain_breach(request: StaffRequest, ticket_number: int, sla_clock_id: UUID) -> HttpResponseBase:
    """Say why a deadline was broken."""
    clock, form = clock_or_404(ticket_number, sla_clock_id), ReasonForm(request.POST)
    return _about_breach(request, clock.ticket, form, lambda **act: actions.explain_breach(clock=clock, **act))


@require_POST
@staff(Capability.TICKETS_WORK)
def ask_exclusion(request: StaffRequest, ticket_number: int, sla_clock_id: UUID) -> HttpResponseBase:
    """Ask that a broken deadline does not count."""
    clock, form, me = clock_or_404(ticket_number, sla_clock_id), ReasonForm(request.POST), request.membership
    return _about_breach(request, clock.ticket, form, lambda **act: actions.ask_exclusion(clock=clock, asker=me, **act))


def _about_breach(request: StaffRequest, ticket: Ticket, form: ReasonForm, act: Any) -> HttpResponseBase:
    try:
        if not form.is_valid():
            raise Refused(form_errors(form))
        act(actor=request.actor, now=timezone.now(), because=form.cleaned_data["because"])
        messages.success(request, _("Written down."))
    except Refused as reason:
        messages.error(request, str(reason))
    return back(request, ticket)


@require_POST
@staff(Capability.SLA_APPROVE)
def decide_exclusion(request: StaffRequest, ticket_number: int, sla_clock_id: UUID) -> HttpResponseBase:
    """Another person says whether it counts."""
    clock, approve = clock_or_404(ticket_number, sla_clock_id), request.POST.get("answer") == "yes"
    me, now = request.membership, timezone.now()
    try:
        actions.decide_exclusion(actor=request.actor, now=now, clock=clock, decider=me, approve=approve)
        messages.success(request, _("It is left out of the figures.") if approve else _("It counts."))
    except Refused as reason:
        messages.error(request, str(reason))
    return back(request, "tickets:breaches")


@require_safe
@staff(Capability.TICKETS_VIEW)
def breaches(request: StaffRequest) -> HttpResponse:
    """Broken deadlines: those without a reason, those somebody wants left out, all."""
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else VIEWS[0]
    promises = broken_promises(unexplained=view == "open")
    page = page_of(promises, order=("-finished_at", "-id"), params=request.GET.dict()) if view != "asked" else None
    context = {
        "view": view,
        "page": page,
        "breaches": breaches_of(page.rows) if page else [],
        "exclusions": asked_exclusions(),
        "unexplained": unexplained_count(),
        "may_work": request.membership.can(Capability.TICKETS_WORK),
        "may_decide": request.membership.can(Capability.SLA_APPROVE),
    }
    return render(request, "tickets/breaches.html", context)
