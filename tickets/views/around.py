"""Following a ticket."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import person_or_404, ticket_or_404
from tickets.queries.around import watchers_of
from tickets.rules import Refused

from .answers import say


@require_POST
@staff(Capability.TICKETS_WORK)
def watch(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Let somebody follow, or no more when they do: oneself without `who`."""
    ticket = ticket_or_404(ticket_number)
    asked = request.POST.get("who") or f"m:{request.membership.pk}"
    person = person_or_404(ticket, asked)
    was = any(row.person == person for row in watchers_of(ticket))
    act = actions.unwatch if was else actions.watch
    try:
        act(actor=request.actor, now=timezone.now(), ticket=ticket, person=person)
    except Refused as reason:
        messages.error(request, str(reason))
        return redirect(ticket)
    told = _("%(name)s follows this no more.") if was else _("%(name)s follows this.")
    say(request, told % {"name": person.name}, ticket=ticket, act="watch", who=asked, was=was)
    return redirect(ticket)
