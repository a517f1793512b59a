"""Making tickets of mail by hand, and contacts of senders."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.mail.access import incoming_or_404
from msp.mail.actions.decisions import NotPossible
from msp.mail.models import InboundMessage
from tickets import actions
from tickets.access import ticket_or_404
from tickets.forms.incoming import MailTicketForm, SortForm
from tickets.models import Ticket
from tickets.rules import Refused
from tickets.rules.joining import plain_subject


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def from_mail(request: StaffRequest, inbound_message_id: UUID) -> HttpResponseBase:
    message = incoming_or_404(inbound_message_id)
    start = {"subject": plain_subject(message.subject), "body": message.text or f"{message.sender}\n{message.subject}"}
    form = MailTicketForm(request.POST or None, initial=start)
    if form.is_bound and form.is_valid() and (ticket := _open(request, message, form)):
        return redirect(ticket)
    context = {"form": form, "message": message, "names": reverse("tickets:client-names")}
    return render(request, "tickets/from_mail.html", context, status=422 if form.is_bound else 200)


def _open(request: StaffRequest, message: InboundMessage, form: MailTicketForm) -> Ticket | None:
    try:
        return actions.open_from_mail(me=request.membership, now=timezone.now(), message=message, **form.cleaned_data)
    except Refused as reason:
        form.add_error(None, str(reason))
    except NotPossible:
        form.add_error(None, _("Somebody has taken this message meanwhile."))
    return None


@require_POST
@staff(Capability.TICKETS_WORK)
def know_sender(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Whoever wrote becomes a contact of the client, so that one can answer."""
    ticket = ticket_or_404(ticket_number)
    if not request.membership.can(Capability.CLIENTS_EDIT):
        raise PermissionDenied
    try:
        contact = actions.know_sender(me=request.membership, now=timezone.now(), ticket=ticket)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("%(name)s is a contact now.") % {"name": contact.name})
    return redirect(ticket)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def sort(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Give a ticket that waits with Unsorted to its client; then say who it is about, where nobody knows that yet."""
    ticket = ticket_or_404(ticket_number)
    may_add = request.membership.can(Capability.CLIENTS_EDIT)
    form = SortForm(request.POST or None, ticket=ticket, may_add=may_add)
    if form.is_bound and form.is_valid() and (given := _sort(request, ticket, form)):
        words = {"number": given.number, "client": given.client.name}
        messages.success(request, _("#%(number)s is a ticket of %(client)s now.") % words)
        return redirect(given) if given.contact_id else redirect("tickets:about", ticket_number=given.number)
    context = {"form": form, "ticket": ticket, "names": reverse("tickets:client-names")}
    return render(request, "tickets/sort.html", context, status=422 if form.is_bound else 200)


def _sort(request: StaffRequest, ticket: Ticket, form: SortForm) -> Ticket | None:
    try:
        return actions.sort_ticket(actor=request.actor, now=timezone.now(), ticket=ticket, **form.cleaned_data)
    except Refused as reason:
        form.add_error(None, str(reason))
    return None
