"""The door of a ticket's files."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import response_of
from tickets import actions
from tickets.access import attachment_or_404, held_or_404
from tickets.rules import Refused

from .answers import back


@require_safe
@staff(Capability.TICKETS_VIEW)
def attachment(request: StaffRequest, ticket_number: int, attachment_id: UUID) -> HttpResponseBase:
    """The file itself: saved, or with ?show shown where that is safe."""
    found = attachment_or_404(request.membership, ticket_number, attachment_id)
    return response_of(found.file, inline="show" in request.GET)


@require_safe
@staff(Capability.TICKETS_VIEW)
def thumbnail(request: StaffRequest, ticket_number: int, attachment_id: UUID) -> HttpResponseBase:
    found = attachment_or_404(request.membership, ticket_number, attachment_id)
    if found.thumbnail is None:
        raise Http404
    return response_of(found.thumbnail, inline=True)


@require_POST
@staff(Capability.TICKETS_WORK)
def drop(request: StaffRequest, ticket_number: int, attachment_id: UUID) -> HttpResponseBase:
    """Throw away a file that has not been sent."""
    held = held_or_404(request.membership, ticket_number, attachment_id)
    try:
        actions.let_go(actor=request.actor, now=timezone.now(), attachment=held)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("The file will not go along."))
    return back(request, held.ticket)
