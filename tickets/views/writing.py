"""The composer: a reply to the client or a note for the team, with its time and the status after it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import ticket_or_404
from tickets.forms import ComposerForm
from tickets.models import Message, Ticket
from tickets.queries.ticket import people_of
from tickets.rules import Clock, Refused, Stale, status_after
from tickets.rules.leaks import Leaking

from .answers import say, wants_part
from .tickets import ticket_context
from .timers import timer_of_request


@require_POST
@staff(Capability.TICKETS_WORK)
def write(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    form = ComposerForm(request.POST, request.FILES, people=people_of(ticket))
    form.full_clean()
    _hold_files(request, ticket, form)
    if not form.is_valid():
        return _again(request, ticket, form, 422)
    clock = _clock_on(request, ticket)
    try:
        message = _send(request, ticket, form)
    except Leaking as stopped:
        form.leaks = stopped.leaks
        return _again(request, ticket, form, 422)
    except (Refused, Stale) as reason:
        form.add_error(None, str(reason))
        return _again(request, ticket, form, 409)
    _tell(request, ticket, form, message, clock)
    return redirect(ticket)


def _hold_files(request: StaffRequest, ticket: Ticket, form: ComposerForm) -> None:
    """Whatever becomes of the words, nobody chooses the files again: they are held first, and the composer shows them."""
    files = form.cleaned_data.get("uploads") or []
    if not files:
        return
    try:
        kept = actions.keep_uploads(files)
        held = actions.hold_files(
            actor=request.actor, now=timezone.now(), ticket=ticket, holder=request.membership, kept=kept
        )
    except Refused as reason:
        form.add_error("uploads", str(reason))
    else:
        form.now_held = [each.pk for each in held]


def _send(request: StaffRequest, ticket: Ticket, form: ComposerForm) -> Message:
    data, me, now = form.cleaned_data, request.membership, timezone.now()
    if data["mode"] == "note":
        return actions.add_note(
            actor=request.actor, now=now, ticket=ticket, author=me, body=data["note"], along=form.along
        )
    return actions.reply_publicly(
        actor=request.actor,
        now=now,
        ticket=ticket,
        author=me,
        body=data["body"],
        to=form.recipient,
        cc=form.copied,
        along=form.along,
    )


def _clock_on(request: StaffRequest, ticket: Ticket) -> Clock | None:
    """The writer's clock on the ticket, which the time in the reply takes away."""
    timer = timer_of_request(request)
    if timer is None or timer.ticket_id != ticket.pk:
        return None
    return Clock(timer.started_at, timer.running_since, timer.banked_seconds)


def _tell(request: StaffRequest, ticket: Ticket, form: ComposerForm, message: Message, clock: Clock | None) -> None:
    along = form.along
    minutes = along.minutes
    logged = " " + _("%(minutes)s min logged.") % {"minutes": minutes} if minutes else ""
    if not message.is_public:
        return say(request, _("Note saved for the team.") + logged)
    names = ", ".join(recipient["name"] for recipient in message.recipients)
    sent = _("Sent to %(names)s.") % {"names": names} if names else _("Posted in the portal; nobody was mailed.")
    undo: dict[str, Any] = {
        "act": "reply",
        "message": str(message.pk),
        "minutes": minutes,
        "work_note": along.work_note,
    }
    became = status_after(ticket.status, along.status, is_public=True)
    undo |= {"before": ticket.standing.as_words(), "became": became, "clock": _as_words(clock) if minutes else None}
    return say(request, sent + logged, ticket=ticket, **undo)


def _as_words(clock: Clock | None) -> dict[str, Any] | None:
    """A clock as the undo link carries it."""
    if clock is None:
        return None
    running = clock.running_since.isoformat() if clock.running_since else None
    return {"started_at": clock.started_at.isoformat(), "running_since": running, "banked": clock.banked_seconds}


def _again(request: StaffRequest, ticket: Ticket, form: ComposerForm, status: int) -> HttpResponseBase:
    """The composer with everything that was typed, and what is wrong."""
    context = ticket_context(request, ticket_or_404(ticket.number), form)
    template = "tickets/_composer.html" if wants_part(request) else "tickets/detail.html"
    return render(request, template, context, status=status)
