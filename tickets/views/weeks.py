"""A week of one's time, handed in; the team's day; and weeks to approve."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import week_or_404
from tickets.forms import FIRST_DAY, GapForm, SendBackForm
from tickets.queries.days import bounds_of, team_on, week_of, weeks_to_approve
from tickets.queries.queues import workers
from tickets.rules import Refused

from .answers import back, form_errors, say
from .timers import timer_of_request


def _asked(request: HttpRequest, name: str) -> date:
    """The day that is asked for, today when it cannot be read; never in the future."""
    try:
        asked = parse_date(request.POST.get(name) or request.GET.get(name, ""))
    except ValueError:
        asked = None
    today = timezone.localdate()
    return max(FIRST_DAY, min(asked, today)) if asked else today


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@require_safe
@staff(Capability.TICKETS_WORK)
def week(request: StaffRequest) -> HttpResponse:
    """One's own week: each day's bar with its gaps, what was logged late, and handing it in."""
    monday, this = _monday(_asked(request, "week")), _monday(timezone.localdate())
    context: dict[str, Any] = {
        "week": week_of(request.membership, monday, timezone.now(), timer_of_request(request)),
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7) if monday < this else None,
        "today": timezone.localdate(),
    }
    return render(request, "tickets/week.html", context)


@require_POST
@staff(Capability.TICKETS_WORK)
def submit(request: StaffRequest) -> HttpResponseBase:
    monday = _monday(_asked(request, "week"))
    start, end = bounds_of(monday, 7)
    try:
        actions.submit_week(
            actor=request.actor,
            now=timezone.now(),
            member=request.membership,
            monday=monday,
            starts_at=start,
            ends_at=end,
        )
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Handed in."))
    return redirect(f"{reverse('tickets:week')}?week={monday}")


@require_POST
@staff(Capability.TICKETS_WORK)
def fill(request: StaffRequest) -> HttpResponseBase:
    """Log a gap of one's day on the ticket that came before it, in one press."""
    form = GapForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return back(request, "tickets:time")
    try:
        entry = actions.log_time(actor=request.actor, now=timezone.now(), member=request.membership, **form.values)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        words = {"minutes": entry.minutes, "number": entry.ticket.number}
        told = _("%(minutes)s min logged on #%(number)s.") % words
        say(request, told, ticket=entry.ticket, act="logged", entry=str(entry.pk))
    return back(request, "tickets:time")


@require_safe
@staff(Capability.TICKETS_ASSIGN)
def team(request: StaffRequest) -> HttpResponse:
    """The team's day, a bar a person, and the weeks that wait for approval."""
    shown, today = _asked(request, "day"), timezone.localdate()
    context: dict[str, Any] = {
        "shown": shown,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1) if shown < today else None,
        "rows": team_on(shown, workers(), timezone.now()),
        "weeks": weeks_to_approve(),
    }
    return render(request, "tickets/team_time.html", context)


@require_safe
@staff(Capability.TICKETS_ASSIGN)
def see_week(request: StaffRequest, time_week_id: UUID) -> HttpResponse:
    """A colleague's week, to decide about."""
    handed_in = week_or_404(request.membership, time_week_id)
    found = week_of(handed_in.member, handed_in.monday, timezone.now())
    context = {"week": found, "member": handed_in.member, "form": SendBackForm(), "today": timezone.localdate()}
    return render(request, "tickets/week_decide.html", context)


@require_POST
@staff(Capability.TICKETS_ASSIGN)
def approve(request: StaffRequest, time_week_id: UUID) -> HttpResponseBase:
    handed_in = week_or_404(request.membership, time_week_id)
    try:
        actions.approve_week(actor=request.actor, now=timezone.now(), week=handed_in)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Approved: the week of %(name)s.") % {"name": handed_in.member.name})
    return redirect("tickets:team-time")


@require_POST
@staff(Capability.TICKETS_ASSIGN)
def send_back(request: StaffRequest, time_week_id: UUID) -> HttpResponseBase:
    handed_in, form = week_or_404(request.membership, time_week_id), SendBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return redirect("tickets:see-week", time_week_id=handed_in.pk)
    try:
        actions.return_week(
            actor=request.actor, now=timezone.now(), week=handed_in, because=form.cleaned_data["because"]
        )
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Sent back to %(name)s.") % {"name": handed_in.member.name})
    return redirect("tickets:team-time")
