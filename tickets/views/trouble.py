"""Stuck, escalated, our own mistake: honest ways on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import ticket_or_404
from tickets.forms.trouble import BringInForm, EscalateForm, ReworkForm, TimeToThinkForm, Told
from tickets.models import Ticket
from tickets.queries.queues import workers
from tickets.rules import Refused
from tickets.rules.leaks import Leaking


def _others(request: StaffRequest) -> list[Any]:
    return [person for person in workers() if person.pk != request.membership.pk]


def _done(form: Told, act: Any, **given: Any) -> bool:
    """Whether the act was done; else the form says why not, and everything typed still stands in it."""
    values = {name: value for name, value in form.cleaned_data.items() if name not in ("although", "form_key")}
    try:
        act(**values, along=form.along, **given)
    except Leaking as stopped:
        form.leaks = stopped.leaks
    except Refused as reason:
        form.add_error(None, str(reason))
    else:
        return True
    return False


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def stuck(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Two honest ways on: time to find out, or a colleague. Each form stands ready to be sent as it is."""
    ticket, now = ticket_or_404(ticket_number), timezone.now()
    asked = request.POST.get("way") if request.method == "POST" else None
    think = TimeToThinkForm(request.POST if asked == "time" else None, ticket=ticket, now=now)
    said = _("I am asking a colleague to look at it with me, so that you get a good answer.")
    ask = BringInForm(
        request.POST if asked == "colleague" else None, people=_others(request), said=said, auto_id="id_ask_%s"
    )
    given = {"actor": request.actor, "now": now, "ticket": ticket, "author": request.membership}
    if asked == "time" and think.is_valid() and _done(think, actions.ask_for_time, **given):
        return _told(request, ticket, _("The client knows when they hear from you."))
    if asked == "colleague" and ask.is_valid() and _done(ask, actions.bring_in, **given):
        return _told(request, ticket, _("%(name)s was asked.") % {"name": ask.cleaned_data["member"].name})
    return _page(request, "tickets/stuck.html", ticket, {"think": think, "ask": ask}, bound=asked is not None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def escalate(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Everybody may: who is out of their depth does not ask for leave to say so."""
    ticket = ticket_or_404(ticket_number)
    said = _("I have asked somebody with more experience to take this over. I stay with it as well.")
    form = EscalateForm(request.POST if request.method == "POST" else None, people=_others(request), said=said)
    given = {"actor": request.actor, "now": timezone.now(), "ticket": ticket, "author": request.membership}
    if form.is_bound and form.is_valid() and _done(form, actions.escalate, **given):
        return _told(request, ticket, _("%(name)s has it now.") % {"name": form.cleaned_data["member"].name})
    return _page(request, "tickets/escalate.html", ticket, {"form": form}, bound=form.is_bound)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def rework(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    form = ReworkForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = {"ticket": ticket, "author": request.membership, **form.cleaned_data}
        try:
            made = actions.open_rework(actor=request.actor, now=timezone.now(), **given)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            return _told(request, made, _("Ticket #%(number)s is open.") % {"number": made.number})
    return _page(request, "tickets/rework.html", ticket, {"form": form}, bound=form.is_bound)


def _told(request: StaffRequest, ticket: Ticket, text: str) -> HttpResponseBase:
    messages.success(request, text)
    return redirect(ticket)


def _page(request: StaffRequest, template: str, ticket: Ticket, forms: dict[str, Form], *, bound: bool) -> HttpResponse:
    return render(request, template, {"ticket": ticket, **forms}, status=422 if bound else 200)
