"""What came in by mail, and what a person does about it when no machine could."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import response_of
from msp.mail import actions
from msp.mail.access import incoming_or_404, part_or_404
from msp.mail.actions.decisions import NotPossible
from msp.mail.choices import IncomingState
from msp.mail.documents import raw_response, response_with_html
from msp.mail.forms import IgnoreForm
from msp.mail.queries import mailboxes, tray
from msp.mail.registry import BY_HAND
from msp.tenancy.keyset import page_of

NEWEST = ("-received_at", "-id")
TABS = (IncomingState.FAILED, IncomingState.HANDLED, IncomingState.IGNORED)


@require_safe
@staff(Capability.TICKETS_WORK)
def tray_list(request: StaffRequest) -> HttpResponse:
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    state = state if state in {"waiting", *TABS} else ""
    context = {
        "page": page_of(tray(state=state, words=words), order=NEWEST, params=request.GET.dict()),
        "state": state,
        "words": words,
        "states": [("waiting", _("Waiting")), *((each.value, each.label) for each in TABS)],
        "has_mailboxes": mailboxes().exists(),
    }
    return render(request, "mail/tray.html", context)


@require_safe
@staff(Capability.TICKETS_WORK)
def tray_detail(request: StaffRequest, inbound_message_id: UUID) -> HttpResponse:
    message = incoming_or_404(inbound_message_id)
    context = {
        "message": message,
        "parts": message.parts.order_by("position"),
        "by_hand": [each for each in BY_HAND if request.membership.can(each.capability)],
        "may_decide": message.state in (IncomingState.FAILED, IncomingState.IGNORED),
        "form": IgnoreForm(),
    }
    return render(request, "mail/tray_message.html", context)


@require_safe
@staff(Capability.TICKETS_WORK)
def tray_html(request: StaffRequest, inbound_message_id: UUID) -> HttpResponseBase:
    """The message's HTML, alone in a document that can do nothing."""
    message = incoming_or_404(inbound_message_id)
    if not message.html:
        raise Http404
    return response_with_html(message)


@require_safe
@staff(Capability.TICKETS_WORK)
def tray_raw(request: StaffRequest, inbound_message_id: UUID) -> HttpResponseBase:
    """The message as it came in, to be saved."""
    return raw_response(incoming_or_404(inbound_message_id))


@require_safe
@staff(Capability.TICKETS_WORK)
def tray_part(request: StaffRequest, inbound_message_id: UUID, inbound_part_id: UUID) -> HttpResponseBase:
    return response_of(part_or_404(inbound_message_id, inbound_part_id), inline="show" in request.GET)


@require_POST
@staff(Capability.TICKETS_WORK)
def tray_retry(request: StaffRequest, inbound_message_id: UUID) -> HttpResponseBase:
    message = incoming_or_404(inbound_message_id)
    try:
        actions.read_again(actor=request.actor, message=message, now=timezone.now())
    except NotPossible:
        messages.error(request, _("The message has moved on meanwhile. Look at it again."))
    else:
        messages.success(request, _("It is read again."))
    return redirect("mail:tray-message", inbound_message_id=message.pk)


@require_POST
@staff(Capability.TICKETS_WORK)
def tray_ignore(request: StaffRequest, inbound_message_id: UUID) -> HttpResponseBase:
    message, form = incoming_or_404(inbound_message_id), IgnoreForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    try:
        actions.ignore_message(actor=request.actor, message=message, why=why or _("Nothing to do."), now=timezone.now())
    except NotPossible:
        messages.error(request, _("The message has moved on meanwhile. Look at it again."))
    else:
        messages.success(request, _("Put aside."))
    return redirect("mail:tray")
