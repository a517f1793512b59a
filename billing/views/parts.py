"""Parts and expenses of a ticket: a part of its page, and their forms."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access import part_or_404
from billing.forms.parts import NewPartForm, PartForm
from billing.models import Part
from billing.queries.parts import parts_of
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from tickets.access import ticket_or_404
from tickets.models import Ticket


@require_safe
@staff(Capability.TICKETS_VIEW)
def panel(request: StaffRequest, ticket_number: int) -> HttpResponse:
    """What was built in and paid for; htmx puts it into the ticket's page."""
    ticket = ticket_or_404(ticket_number)
    context = {"ticket": ticket, "parts": parts_of(ticket)}
    return render(request, "billing/_parts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def new(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    form = NewPartForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.add_part(ticket=ticket, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            _say(request, made)
            return redirect(ticket)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _form(request, form, ticket, _("Add a part or an expense"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def edit(request: StaffRequest, ticket_number: int, part_id: UUID) -> HttpResponseBase:
    part = part_or_404(ticket_number, part_id)
    form = PartForm(request.POST or None, instance=part)
    if form.is_bound and form.is_valid():
        row = part_or_404(ticket_number, part_id)
        try:
            _say(request, actions.change_part(part=row, actor=request.actor, now=timezone.now(), **form.cleaned_data))
            return redirect(row.ticket)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _form(request, form, part.ticket, _("Change a part or an expense"))


@require_POST
@staff(Capability.TICKETS_WORK)
def remove(request: StaffRequest, ticket_number: int, part_id: UUID) -> HttpResponseBase:
    part = part_or_404(ticket_number, part_id)
    try:
        actions.remove_part(part=part, actor=request.actor, now=timezone.now())
        messages.success(request, _("It is off the ticket."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(part.ticket)


@require_POST
@staff(Capability.BILLING_APPROVE)
def approve(request: StaffRequest, ticket_number: int, part_id: UUID) -> HttpResponseBase:
    """Agree to a price outside the band."""
    part, because = part_or_404(ticket_number, part_id), typed(request.POST, "reason", 300)
    try:
        actions.approve_part(part=part, because=because, actor=request.actor, now=timezone.now())
        messages.success(request, _("Agreed. It is billed with the ticket."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(part.ticket)


def _say(request: StaffRequest, part: Part) -> None:
    if part.waits_for_approval:
        messages.warning(
            request, _("Kept. Its margin is outside the shop's band, so somebody must agree to the price.")
        )
    else:
        messages.success(request, _("Kept. It is billed with the ticket."))


def _form(request: StaffRequest, form: PartForm, ticket: Ticket, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "ticket": ticket}
    return render(request, "billing/part.html", context, status=422 if form.is_bound else 200)


_OF_TICKET = "billing/tickets/<int:ticket_number>/parts/"
routes = [
    path(_OF_TICKET, panel, name="ticket-parts"),
    path(f"{_OF_TICKET}new/", new, name="new-part"),
    path(f"{_OF_TICKET}<uuid:part_id>/edit/", edit, name="edit-part"),
    path(f"{_OF_TICKET}<uuid:part_id>/remove/", remove, name="remove-part"),
    path(f"{_OF_TICKET}<uuid:part_id>/approve/", approve, name="approve-part"),
]
