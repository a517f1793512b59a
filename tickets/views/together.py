"""Who else is on a ticket; merging; parent and children; twins and troubles that come again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import client_asked_for, ticket_or_404
from tickets.choices import Doing
from tickets.forms.together import AnswerChildrenForm, ChildrenForm, MergeForm, PresenceForm, SimilarForm
from tickets.models import Ticket
from tickets.queries import together as reading
from tickets.queries.presence import in_words, others_on
from tickets.rules import Refused
from tickets.rules.leaks import Leaking

from .answers import back, nothing_new, say, seen


def presence_context(request: StaffRequest, ticket: Ticket) -> dict[str, Any]:
    """What tickets/_presence.html shows."""
    said = in_words(others_on(ticket, request.membership, timezone.now()))
    return {"ticket": ticket, "others": said, "others_seen": seen(said)}


@require_POST
@staff(Capability.TICKETS_VIEW)
def presence(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """I am still here; who else is?"""
    ticket, form = ticket_or_404(ticket_number), PresenceForm(request.POST)
    doing = form.cleaned_data["doing"] if form.is_valid() else Doing.VIEWING.value
    actions.be_present(now=timezone.now(), ticket=ticket, member=request.membership, doing=doing)
    context = presence_context(request, ticket)
    if request.POST.get("seen") == context["others_seen"]:
        return HttpResponse(status=204)
    return render(request, "tickets/_presence.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def merge(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    form = MergeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        into = form.cleaned_data["into"]
        try:
            into = actions.merge_ticket(actor=request.actor, now=timezone.now(), ticket=ticket, into=into)
        except Refused as reason:
            form.add_error("into", str(reason))
        else:
            told = _("#%(number)s is part of this ticket now.") % {"number": ticket.number}
            say(request, told, ticket=ticket, act="merge")
            return redirect(into)
    context = {"ticket": ticket, "form": form, "choices": reading.merge_choices(ticket)}
    return render(request, "tickets/merge.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.TICKETS_WORK)
def unmerge(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    try:
        actions.unmerge_ticket(actor=request.actor, now=timezone.now(), ticket=ticket)
    except Refused as reason:
        messages.error(request, str(reason))
        return back(request, ticket)
    messages.success(request, _("#%(number)s stands alone again.") % {"number": ticket.number})
    return redirect(ticket)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def children(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """What stands behind a ticket, and more of it."""
    ticket = ticket_or_404(ticket_number)
    form = ChildrenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = {"parent": ticket, "children": form.cleaned_data["numbers"]}
        try:
            actions.add_children(actor=request.actor, now=timezone.now(), **given)
        except Refused as reason:
            form.add_error("numbers", str(reason))
        else:
            messages.success(request, _("Saved."))
            return redirect("tickets:children", ticket_number=ticket.number)
    context = {"ticket": ticket, "form": form, "family": reading.family_of(ticket)}
    return render(request, "tickets/children.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.TICKETS_WORK)
def remove_child(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """`ticket_number` leaves its parent."""
    child = ticket_or_404(ticket_number)
    if parent := reading.family_of(child).parent:
        actions.remove_child(actor=request.actor, now=timezone.now(), parent=parent, child=child)
        messages.success(request, _("#%(number)s stands alone again.") % {"number": child.number})
    return back(request, child)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def answer_children(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    form = AnswerChildrenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _answer(request, ticket, form)
        except Leaking as stopped:
            form.leaks = stopped.leaks
        except Refused as reason:
            form.add_error(None, str(reason))
    context = {"ticket": ticket, "form": form, "family": reading.family_of(ticket)}
    return render(request, "tickets/answer_children.html", context, status=422 if form.is_bound else 200)


def _answer(request: StaffRequest, ticket: Ticket, form: AnswerChildrenForm) -> HttpResponseBase:
    sent = actions.answer_children(
        actor=request.actor,
        now=timezone.now(),
        parent=ticket,
        author=request.membership,
        body=form.cleaned_data["body"],
        along=form.along,
    )
    told = ngettext("Sent on %d ticket.", "Sent on %d tickets.", len(sent)) % len(sent)
    say(request, told, ticket=ticket, act="answers", form_key=str(form.cleaned_data["form_key"]))
    return redirect(ticket)


@require_safe
@staff(Capability.TICKETS_VIEW)
def similar(request: StaffRequest) -> HttpResponse:
    """Open tickets that may be what is being written down. Offered, never forced."""
    form = SimilarForm(request.GET)
    client = client_asked_for(form.cleaned_data["client"]) if form.is_valid() else None
    asked: dict[str, Any] = {name: form.cleaned_data.get(name) for name in ("subject", "asset", "contact")}
    twins = reading.likely_twins(client, **asked) if client else []
    mark = seen(ticket.pk for ticket in twins)
    return nothing_new(request, mark) or render(request, "tickets/_similar.html", {"twins": twins})


@require_safe
@staff(Capability.TICKETS_VIEW)
def recurring(request: StaffRequest) -> HttpResponse:
    """Troubles that came at least three times in sixty days."""
    return render(request, "tickets/recurrences.html", {"recurrences": reading.recurrences(timezone.now())})
