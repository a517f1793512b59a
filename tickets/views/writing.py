"""The composer: a reply to the client or a note for the team, with its time and the status after it."""

from __future__ import annotations

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
from tickets.rules import Refused, Stale
from tickets.rules.leaks import Leaking

from .answers import say, wants_part
from .tickets import ticket_context


@require_POST
@staff(Capability.TICKETS_WORK)
def write(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    form = ComposerForm(request.POST, request.FILES, people=people_of(ticket))
    form.full_clean()
    _hold_files(request, ticket, form)
    if not form.is_valid():
        return _again(request, ticket, form, 422)
    try:
        message = _send(request, ticket, form)
    except Leaking as stopped:
        form.leaks = stopped.leaks
        return _again(request, ticket, form, 422)
    except (Refused, Stale) as reason:
        form.add_error(None, str(reason))
        return _again(request, ticket, form, 409)
    _tell(request, ticket, form, message)
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


def _tell(request: StaffRequest, ticket: Ticket, form: ComposerForm, message: Message) -> None:
    along = form.along
    minutes = along.minutes
    logged = " " + _("%(minutes)s min logged.") % {"minutes": minutes} if minutes else ""
    if not message.is_public:
        return say(request, _("Note saved for the team.") + logged)
    names = ", ".join(recipient["name"] for recipient in message.recipients)
    sent = _("Sent to %(names)s.") % {"names": names} if names else _("Posted in the portal; nobody was mailed.")
    undo = {"act": "reply", "message": str(message.pk), "was": ticket.status}
    return say(request, sent + logged, ticket=ticket, **undo, minutes=minutes, work_note=along.work_note)


def _again(request: StaffRequest, ticket: Ticket, form: ComposerForm, status: int) -> HttpResponseBase:
    """The composer with everything that was typed, and what is wrong."""
    context = ticket_context(request, ticket_or_404(ticket.number), form)
    template = "tickets/_composer.html" if wants_part(request) else "tickets/detail.html"
    return render(request, template, context, status=status)
