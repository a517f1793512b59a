"""What kind of ticket it is: category, fields, labels, impact and urgency. Each saves at once, and can be undone."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import category_or_404, label_or_404, ticket_or_404
from tickets.choices import Impact, Urgency
from tickets.forms import AnswersForm
from tickets.models import TicketLabel
from tickets.queries.catalogue import fields_of

from .answers import back, say
from .properties import done

LEVELS = {str(value) for value in Impact.values} | {str(value) for value in Urgency.values}


@require_POST
@staff(Capability.TICKETS_WORK)
def change_category(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """The fields beside the ticket follow, so the whole page comes again."""
    ticket, category = ticket_or_404(ticket_number), category_or_404(request.POST.get("category", ""))
    actions.change_category(actor=request.actor, now=timezone.now(), ticket=ticket, category=category)
    words = {"number": ticket.number, "category": category.name if category else ""}
    told = (
        _("#%(number)s stands under %(category)s.") if category else _("#%(number)s stands under no category.")
    ) % words
    say(request, told, ticket=ticket, act="category", was=str(ticket.category_id or ""))
    return back(request, ticket)


@require_POST
@staff(Capability.TICKETS_WORK)
def weigh(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Impact or urgency, or both; what is not said stays."""
    ticket = ticket_or_404(ticket_number)
    asked = {name: request.POST[name] for name in ("impact", "urgency") if name in request.POST}
    if not asked or not LEVELS.issuperset(asked.values()):
        return HttpResponse(status=400)
    wanted: dict[str, Any] = {
        name: int(asked[name]) if name in asked else getattr(ticket, name) for name in ("impact", "urgency")
    }
    undo = {"act": "weight", "was": [ticket.impact, ticket.urgency, ticket.priority]}
    told = _("#%(number)s was weighed anew.") % {"number": ticket.number}
    return done(request, ticket, partial(actions.weigh, **wanted), told, undo)


@require_POST
@staff(Capability.TICKETS_WORK)
def label(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Put a label on, or take it off when it is on."""
    ticket, chosen = ticket_or_404(ticket_number), label_or_404(request.POST.get("label", ""))
    is_on = TicketLabel.objects.filter(ticket=ticket, label=chosen).exists()
    words = {"number": ticket.number, "label": chosen.name}
    told = (_("#%(number)s lost the label %(label)s.") if is_on else _("#%(number)s has the label %(label)s.")) % words
    act = partial(actions.take_label if is_on else actions.put_label, label=chosen)
    return done(request, ticket, act, told, {"act": "label", "label": str(chosen.pk), "was": is_on})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def answer_fields(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    asked = fields_of(ticket.category)
    form = AnswersForm(request.POST if request.method == "POST" else None, asked=asked, answers=ticket.answers)
    if form.is_bound and form.is_valid():
        actions.answer_fields(actor=request.actor, now=timezone.now(), ticket=ticket, answers=form.answers)
        messages.success(request, _("Saved."))
        return redirect(ticket)
    status = 422 if form.is_bound else 200
    return render(request, "tickets/answers.html", {"form": form, "ticket": ticket}, status=status)
