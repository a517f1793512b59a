"""A contact says how our work was."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf
from tickets import actions
from tickets.access import portal_ticket_or_404
from tickets.forms.aftermath import RatingForm
from tickets.rules import Refused

from .requests import me


@require_POST
@portal(PortalCapability.REQUESTS)
def rate(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    ticket, form = portal_ticket_or_404(ticket_number), RatingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the three."))
        return redirect("tickets:portal-detail", ticket_number=ticket.number)
    given = {"ticket": ticket, "contact": me(request), **form.cleaned_data}
    try:
        with on_behalf():
            actions.rate_ticket(actor=request.actor, now=timezone.now(), **given)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Thank you. We read every one of these."))
    return redirect("tickets:portal-detail", ticket_number=ticket.number)
