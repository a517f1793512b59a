"""The one running clock of a person, on every page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import ticket_or_404
from tickets.forms import QuickTimeForm
from tickets.models import Timer
from tickets.queries.ticket import timer_of
from tickets.rules import Refused

from .answers import back, form_errors, say


def timer_of_request(request: StaffRequest) -> Timer | None:
    """The person's clock, read once a request."""
    if not hasattr(request, "ticket_timer"):
        request.ticket_timer = timer_of(request.membership)  # type: ignore[attr-defined]
    return request.ticket_timer  # type: ignore[attr-defined,no-any-return]


def chip_context(request: HttpRequest) -> dict[str, object] | None:
    """The clock in the top bar, or None while none runs."""
    timer = timer_of_request(request)  # type: ignore[arg-type]
    return {"timer": timer, "minutes": timer.minutes(timezone.now())} if timer else None


@require_POST
@staff(Capability.TICKETS_WORK)
def start(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    now = timezone.now()
    try:
        logged = actions.start_timer(actor=request.actor, now=now, ticket=ticket, member=request.membership)
    except Refused as reason:
        messages.error(request, str(reason))
        return back(request, ticket)
    if logged is not None:
        words = {"minutes": logged.minutes, "number": logged.ticket.number}
        told = _("%(minutes)s min logged on #%(number)s, whose timer was running.") % words
        say(request, told, ticket=logged.ticket, act="logged", entry=str(logged.pk))
    return back(request, ticket)


@require_POST
@staff(Capability.TICKETS_WORK)
def pause(request: StaffRequest) -> HttpResponseBase:
    """Pause a running clock, resume a paused one."""
    timer = timer_of_request(request)
    act = actions.pause_timer if timer and timer.running_since else actions.resume_timer
    try:
        act(actor=request.actor, now=timezone.now(), member=request.membership)
    except Refused as reason:
        messages.error(request, str(reason))
    return back(request, "tickets:today")


@require_POST
@staff(Capability.TICKETS_WORK)
def stop(request: StaffRequest) -> HttpResponseBase:
    """Log what the clock shows, or what its owner made of it."""
    form = QuickTimeForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return back(request, "tickets:today")
    try:
        entry = actions.stop_timer(
            actor=request.actor, now=timezone.now(), member=request.membership, **form.cleaned_data
        )
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        words = {"minutes": entry.minutes, "number": entry.ticket.number}
        told = _("%(minutes)s min logged on #%(number)s.") % words
        say(request, told, ticket=entry.ticket, act="logged", entry=str(entry.pk))
    return back(request, "tickets:today")
