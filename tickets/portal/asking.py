"""Asking for help: by a form of the shop's or in one's own words, for oneself or a colleague, openly or in confidence."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients.models import Client
from clients.queries import colleagues
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf
from msp.tenancy.ids import id_from
from tickets import actions
from tickets.access import portal_ticket_or_404
from tickets.choices import Door
from tickets.forms import RequestForm
from tickets.models import ServiceForm, Ticket
from tickets.queries.portal import services_offered
from tickets.rules import Refused

from .requests import me


@require_http_methods(["GET", "HEAD", "POST"])
@portal(PortalCapability.REQUESTS)
def create(request: PortalRequest) -> HttpResponseBase:
    """First what it is about, where the shop has forms for that; then the form."""
    services, asked = services_offered(), request.GET.get("form", "")
    if services and not asked and request.method != "POST":
        return render(request, "tickets/portal_choose.html", {"services": services})
    service, contact = _service(services, asked), me(request)
    given: dict[str, Any] = {"me": contact, "people": list(colleagues()), "service": service}
    form = RequestForm(request.POST, request.FILES, **given) if request.method == "POST" else RequestForm(**given)
    if not (form.is_bound and form.is_valid() and (ticket := _open(request, form, service))):
        context = {"form": form, "service": service}
        return render(request, "tickets/portal_new.html", context, status=422 if form.is_bound else 200)
    messages.success(request, _("Thank you. We have your request, number %(number)s.") % {"number": ticket.number})
    return redirect("tickets:portal-detail", ticket_number=ticket.number)


def _service(services: list[ServiceForm], asked: str) -> ServiceForm | None:
    wanted = id_from(asked)
    return next((service for service in services if service.pk == wanted), None)


def _open(request: PortalRequest, form: RequestForm, service: ServiceForm | None) -> Ticket | None:
    contact, client, now = me(request), Client.objects.get(), timezone.now()
    data, whose = form.cleaned_data, form.whose or contact
    given = {"client": client, "contact": whose, "site": whose.site, "door": Door.PORTAL, "subject": data["subject"]}
    with on_behalf():
        try:
            given["kept"] = actions.keep_uploads(data["uploads"])
        except Refused as reason:
            form.add_error("uploads", str(reason))
            return None
        given |= {"category": service.category if service else None, "confidential": data["confidential"]}
        ticket = actions.open_ticket(
            actor=request.actor, now=now, body=form.message, form_key=data["form_key"], **given
        )
        if whose.pk != contact.pk:
            actions.watch(actor=request.actor, now=now, ticket=ticket, person=contact)
    return ticket


@require_POST
@portal(PortalCapability.REQUESTS)
def close(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    """It is not needed any more."""
    ticket, contact = portal_ticket_or_404(ticket_number), me(request)
    try:
        with on_behalf():
            actions.close_as_contact(actor=request.actor, now=timezone.now(), ticket=ticket, contact=contact)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Closed. Write here if you need it after all."))
    return redirect("tickets:portal-detail", ticket_number=ticket.number)


@require_POST
@portal(PortalCapability.REQUESTS)
def reopen(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    """It is needed after all."""
    ticket, contact = portal_ticket_or_404(ticket_number), me(request)
    said: dict[str, Any] = {"ticket": ticket, "contact": contact, "body": _("Please take this up again.")}
    if not ticket.is_open:
        with on_behalf():
            actions.reply_as_contact(actor=request.actor, now=timezone.now(), **said)
        messages.success(request, _("We take it up again."))
    return redirect("tickets:portal-detail", ticket_number=ticket.number)
