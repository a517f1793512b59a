"""What changes a ticket itself: each property saves at once, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from tickets import actions
from tickets.access import assignee_or_refuse, ticket_or_404
from tickets.choices import TRANSITIONS, Impact, Priority, Status, Urgency
from tickets.forms import LONGEST_MESSAGE, ChangeAboutForm
from tickets.models import Ticket
from tickets.queries.around import linked_to
from tickets.queries.catalogue import branches, labels_on, living_labels
from tickets.queries.queues import workers
from tickets.rules import Refused, Stale

from .answers import back, say, wants_part
from .clocks import clock_context

SUBJECT_MAX = 200


def head_context(request: StaffRequest, ticket: Ticket) -> dict[str, Any]:
    """What tickets/_head.html shows."""
    onward, everybody = TRANSITIONS[Status(ticket.status)], workers()
    return {
        "ticket": ticket,
        "may_work": request.membership.can(Capability.TICKETS_WORK),
        "statuses": [status for status in Status if status in onward],
        "priorities": [priority for priority in Priority if priority != ticket.priority],
        "labels": labels_on([ticket])[ticket.pk],
        "all_labels": living_labels(),
        "branches": branches(),
        "impacts": Impact,
        "urgencies": Urgency,
        "everybody": everybody,
        "people": everybody if request.membership.can(Capability.TICKETS_ASSIGN) else [request.membership],
        **clock_context(ticket),
    }


@require_POST
@staff(Capability.TICKETS_WORK)
def change_status(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket, status = ticket_or_404(ticket_number), request.POST.get("status", "")
    if status not in Status.values:
        return HttpResponse(status=400)
    told = _("#%(number)s is “%(status)s” now.") % {"number": ticket.number, "status": Status(status).label}
    undo = {"act": "status", "before": ticket.standing.as_words(), "became": status}
    act = partial(actions.change_status, status=status, anyway="anyway" in request.POST)
    try:
        return done(request, ticket, act, told, undo)
    except actions.OpenTasks:
        return redirect("tickets:solve", ticket_number=ticket.number)


@require_POST
@staff(Capability.TICKETS_WORK)
def assign(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    to = assignee_or_refuse(request.membership, request.POST.get("assignee", ""))
    words = {"number": ticket.number, "name": to.name if to else ""}
    told = (_("#%(number)s is assigned to %(name)s.") if to else _("#%(number)s is assigned to nobody.")) % words
    undo = {"act": "assign", "was": str(ticket.assignee_id or ""), "became": str(to.pk) if to else ""}
    act = partial(actions.assign_ticket, assignee=to)
    return done(request, ticket, act, told, undo)


@require_POST
@staff(Capability.TICKETS_WORK)
def change_priority(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket, asked = ticket_or_404(ticket_number), request.POST.get("priority", "")
    if asked not in {str(value) for value in Priority.values}:
        return HttpResponse(status=400)
    priority = Priority(int(asked))
    told = _("#%(number)s has priority “%(priority)s” now.") % {"number": ticket.number, "priority": priority.label}
    undo = {"act": "priority", "was": ticket.priority}
    act = partial(actions.change_priority, priority=priority)
    return done(request, ticket, act, told, undo)


def done(
    request: StaffRequest, ticket: Ticket, act: Callable[..., Ticket], told: str, undo: dict[str, Any]
) -> HttpResponseBase:
    """Do it and show the head of the page again; say why not when it cannot be done."""
    try:
        act(actor=request.actor, now=timezone.now(), ticket=ticket)
    except actions.OpenTasks:
        raise
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        say(request, told, ticket=ticket, **undo)
    if not wants_part(request):
        return back(request, ticket)
    return render(request, "tickets/_head.html", head_context(request, ticket_or_404(ticket.number)))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def change_about(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Contact, site and equipment."""
    ticket = ticket_or_404(ticket_number)
    about: dict[str, Any] = {"contact": ticket.contact_id, "site": ticket.site_id, "asset": ticket.asset_id}
    about["more"] = linked_to(ticket)
    form = ChangeAboutForm(request.POST if request.method == "POST" else None, client=ticket.client, initial=about)
    if form.is_bound and form.is_valid():
        values: dict[str, Any] = dict(form.cleaned_data)
        given: dict[str, Any] = {"actor": request.actor, "now": timezone.now(), "ticket": ticket}
        more = values.pop("more")
        with transaction.atomic():
            actions.change_about(**given, **values)
            actions.link_assets(**given, assets=more)
        messages.success(request, _("Saved."))
        return redirect(ticket)
    status = 422 if form.is_bound else 200
    return render(request, "tickets/about.html", {"form": form, "ticket": ticket}, status=status)


@require_POST
@staff(Capability.TICKETS_WORK)
def rewrite_subject(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket, text = ticket_or_404(ticket_number), _typed(request, "text")
    if not 0 < len(text) <= SUBJECT_MAX:
        messages.error(request, _("A subject has between 1 and 200 characters."))
        return redirect(ticket)
    return _rewritten(request, ticket, "subject", actions.rewrite_subject, text)


@require_POST
@staff(Capability.TICKETS_WORK)
def rewrite_summary(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    return _rewritten(
        request, ticket_or_404(ticket_number), "summary", actions.rewrite_summary, _typed(request, "text")
    )


def _typed(request: StaffRequest, name: str) -> str:
    """A text box's content; browsers send line ends as CR LF."""
    return typed(request.POST, name, LONGEST_MESSAGE).replace("\r\n", "\n")


def _rewritten(
    request: StaffRequest, ticket: Ticket, field: str, act: Callable[..., Ticket], text: str
) -> HttpResponseBase:
    """Save the words. When somebody else was faster, 409 shows both versions, and neither is lost."""
    try:
        act(
            actor=request.actor,
            now=timezone.now(),
            ticket=ticket,
            was=_typed(request, "was"),
            **{field: text},
        )
    except Stale as stale:
        context = {"ticket": ticket, "field": field, "mine": text, "theirs": stale.current, "reason": str(stale)}
        return render(request, "tickets/stale.html", context, status=409)
    return redirect(ticket)
