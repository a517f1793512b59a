"""Who is on call, and who is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import actions
from clients.access import leave_or_404, offered_shift_or_404, own_or_planned, shift_or_404
from clients.forms import LeaveForm, OfferForm, RotaForm, ShiftForm
from clients.queries.calendars import leave_ahead, on_call, rota, shifts_between
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.queries import staff as all_staff
from msp.accounts.requests import StaffRequest

WEEKS = 12


@require_safe
@staff(Capability.TICKETS_VIEW)
def rota_page(request: StaffRequest) -> HttpResponseBase:
    """Who is on call now and in the coming weeks, and who is away."""
    now, zone = timezone.now(), ZoneInfo(timezone.get_current_timezone_name())
    leaves = leave_ahead(timezone.localdate(now))
    shifts = rota(now, WEEKS, leaves, zone)
    context = {
        "on_call": on_call(now),
        "shifts": shifts,
        "leaves": leaves,
        "asked_of_me": [shown.shift for shown in shifts if shown.shift.offered_to_id == request.membership.pk],
        "may_plan": request.membership.can(Capability.TICKETS_ASSIGN),
        "may_work": request.membership.can(Capability.TICKETS_WORK),
    }
    return render(request, "clients/rota.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_ASSIGN)
def plan_rota(request: StaffRequest) -> HttpResponseBase:
    """Weeks in turn."""
    monday = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    form = RotaForm(request.POST or None, people=list(all_staff()), initial={"first_day": monday})
    turns: dict[str, Any] = {"actor": request.actor, "now": timezone.now()}
    if _done(form, lambda: actions.plan_rota(members=form.members, handovers=form.handovers, **turns)):
        return _back(request, _("The rota is planned."))
    return _form(request, form, _("Plan the rota"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_ASSIGN)
def add_shift(request: StaffRequest) -> HttpResponseBase:
    form = ShiftForm(request.POST or None, people=list(all_staff()))
    if _done(form, lambda: actions.add_shift(actor=request.actor, now=timezone.now(), **form.cleaned_data)):
        return _back(request, _("The shift is on the rota."))
    return _form(request, form, _("Add a shift"))


@require_POST
@staff(Capability.TICKETS_ASSIGN)
def remove_shift(request: StaffRequest, on_call_shift_id: UUID) -> HttpResponseBase:
    actions.remove_shift(actor=request.actor, now=timezone.now(), shift=shift_or_404(on_call_shift_id))
    return _back(request, _("The shift is off the rota."))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def offer_shift(request: StaffRequest, on_call_shift_id: UUID) -> HttpResponseBase:
    """Ask a colleague to take over one's own shift; a planner may ask for others."""
    shift, now = shift_or_404(on_call_shift_id), timezone.now()
    own_or_planned(request.membership, shift.member_id)
    people = [person for person in all_staff() if person.pk != shift.member_id]
    theirs = [s for s in shifts_between(now, now + timedelta(weeks=WEEKS)) if s.member_id != shift.member_id]
    form = OfferForm(request.POST or None, people=people, shifts=theirs)
    if _done(form, lambda: actions.offer_shift(actor=request.actor, now=now, shift=shift, **form.cleaned_data)):
        return _back(request, _("%(name)s was asked.") % {"name": form.cleaned_data["to"].name})
    return _form(request, form, _("Swap a shift"), shift=shift)


@require_POST
@staff(Capability.TICKETS_WORK)
def answer_offer(request: StaffRequest, on_call_shift_id: UUID) -> HttpResponseBase:
    """Whoever was asked says yes or no."""
    shift, accept = offered_shift_or_404(on_call_shift_id, request.membership), request.POST.get("answer") == "yes"
    try:
        actions.answer_offer(actor=request.actor, now=timezone.now(), shift=shift, accept=accept)
    except actions.RotaRefused as reason:
        messages.error(request, str(reason))
        return redirect("clients:rota")
    return _back(request, _("The shift is yours.") if accept else _("You said no."))


@require_POST
@staff(Capability.TICKETS_WORK)
def withdraw_offer(request: StaffRequest, on_call_shift_id: UUID) -> HttpResponseBase:
    shift = shift_or_404(on_call_shift_id)
    own_or_planned(request.membership, shift.member_id)
    actions.withdraw_offer(actor=request.actor, now=timezone.now(), shift=shift)
    return _back(request, _("The shift stays where it is."))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def plan_leave(request: StaffRequest) -> HttpResponseBase:
    """One's own leave; a planner's form has everybody."""
    me = request.membership
    people = list(all_staff()) if me.can(Capability.TICKETS_ASSIGN) else [me]
    form = LeaveForm(request.POST or None, people=people, initial={"member": str(me.pk)})
    if _done(form, lambda: actions.plan_leave(actor=request.actor, now=timezone.now(), **form.cleaned_data)):
        return _back(request, _("Written down."))
    return _form(request, form, _("Plan leave"))


@require_POST
@staff(Capability.TICKETS_WORK)
def cancel_leave(request: StaffRequest, leave_id: UUID) -> HttpResponseBase:
    leave = leave_or_404(leave_id)
    own_or_planned(request.membership, leave.member_id)
    actions.cancel_leave(actor=request.actor, now=timezone.now(), leave=leave)
    return _back(request, _("The leave is cancelled."))


def _done(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Act when the form is filled in and right; what the rota refuses stands in the form."""
    if not (form.is_bound and form.is_valid()):
        return False
    try:
        act()
    except actions.RotaRefused as reason:
        form.add_error(None, str(reason))
        return False
    return True


def _back(request: StaffRequest, told: str) -> HttpResponseBase:
    messages.success(request, told)
    return redirect("clients:rota")


def _form(request: StaffRequest, form: forms.BaseForm, title: str, **more: Any) -> HttpResponseBase:
    context = {"form": form, "title": title} | more
    return render(request, "clients/rota_form.html", context, status=422 if form.is_bound else 200)
