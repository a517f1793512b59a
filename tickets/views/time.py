"""Time entries: logged in a press, corrected while nobody billed them, a day at a glance."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import own_time_or_refuse, ticket_or_404, time_or_404
from tickets.forms import FIRST_DAY, AddTimeForm, LogForm, TimeForm
from tickets.models import TimeEntry
from tickets.queries.days import day_of, recent_tickets
from tickets.rules import Refused

from .answers import back, form_errors, say
from .timers import timer_of_request


@require_POST
@staff(Capability.TICKETS_WORK)
def log(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Minutes on a ticket that end now."""
    ticket, form = ticket_or_404(ticket_number), LogForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return back(request, ticket)
    entry = actions.log_time(
        actor=request.actor, now=timezone.now(), ticket=ticket, member=request.membership, **form.cleaned_data
    )
    told = _("%(minutes)s min logged on #%(number)s.") % {"minutes": entry.minutes, "number": ticket.number}
    say(request, told, ticket=ticket, act="logged", entry=str(entry.pk))
    return back(request, ticket)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_VIEW)
def edit(request: StaffRequest, ticket_number: int, time_entry_id: UUID) -> HttpResponseBase:
    entry = time_or_404(ticket_number, time_entry_id)
    own_time_or_refuse(request.membership, entry)
    form = TimeForm(request.POST if request.method == "POST" else None, instance=entry)
    if form.is_bound and form.is_valid():
        try:
            actions.change_time(actor=request.actor, now=timezone.now(), entry=entry, **form.values)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("Saved."))
            return redirect(entry.ticket)
    return render(
        request, "tickets/time_entry.html", {"form": form, "entry": entry}, status=422 if form.errors else 200
    )


@require_POST
@staff(Capability.TICKETS_VIEW)
def delete(request: StaffRequest, ticket_number: int, time_entry_id: UUID) -> HttpResponseBase:
    entry = time_or_404(ticket_number, time_entry_id)
    own_time_or_refuse(request.membership, entry)
    kept = _as_values(entry)
    try:
        actions.delete_time(actor=request.actor, now=timezone.now(), entry=entry)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        told = _("%(minutes)s min deleted from #%(number)s.")
        words = {"minutes": entry.minutes, "number": entry.ticket.number}
        say(request, told % words, ticket=entry.ticket, act="deleted", values=kept)
    return redirect(entry.ticket)


def _as_values(entry: TimeEntry) -> dict[str, Any]:
    """An entry as the undo link carries it."""
    names = ("minutes", "note", "work_type", "is_billable")
    kept = {name: getattr(entry, name) for name in names}
    return kept | {"started_at": entry.started_at.isoformat(), "member": str(entry.member_id)}


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def my_time(request: StaffRequest) -> HttpResponseBase:
    """One's own day: what is logged, what lies between, and a form for more."""
    form = AddTimeForm(request.POST) if request.method == "POST" else AddTimeForm(initial=_offered(request))
    if form.is_bound and form.is_valid() and (entry := _add(request, form)):
        return redirect(f"{reverse('tickets:time')}?day={timezone.localdate(entry.started_at)}")
    shown = _day_asked(request)
    context: dict[str, Any] = {
        "day": day_of(request.membership, shown, timezone.now(), timer_of_request(request)),
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1) if shown < timezone.localdate() else None,
        "form": form,
        "tickets": recent_tickets(request.membership),
    }
    return render(request, "tickets/time.html", context, status=422 if form.errors else 200)


def _add(request: StaffRequest, form: AddTimeForm) -> TimeEntry | None:
    values = form.values
    try:
        entry = actions.log_time(actor=request.actor, now=timezone.now(), member=request.membership, **values)
    except Refused as reason:
        form.add_error(None, str(reason))
        return None
    told = _("%(minutes)s min logged on #%(number)s.") % {"minutes": entry.minutes, "number": entry.ticket.number}
    say(request, told, ticket=entry.ticket, act="logged", entry=str(entry.pk))
    return entry


def _day_asked(request: StaffRequest) -> date:
    try:
        asked = parse_date(request.POST.get("day") or request.GET.get("day", ""))
    except ValueError:
        asked = None
    today = timezone.localdate()
    return max(FIRST_DAY, min(asked, today)) if asked else today


def _offered(request: StaffRequest) -> dict[str, Any]:
    """What a link to a gap fills in."""
    asked = {name: request.GET[name] for name in ("ticket", "start", "minutes", "note") if name in request.GET}
    return {"day": _day_asked(request), "is_billable": True} | asked
