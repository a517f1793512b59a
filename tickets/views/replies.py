"""Saved replies: the shop's and one's own, and the list of them that the composer opens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import own_saved_reply_or_refuse, saved_reply_or_404, ticket_or_404
from tickets.forms import SavedReplyForm
from tickets.models import SavedReply
from tickets.queries.replies import offered_on, replies_for


@require_safe
@staff(Capability.TICKETS_WORK)
def replies(request: StaffRequest) -> HttpResponse:
    return render(request, "tickets/replies.html", {"replies": replies_for(request.membership)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def new_reply(request: StaffRequest) -> HttpResponseBase:
    return _edit(request, SavedReply(owner=request.membership))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def edit_reply(request: StaffRequest, saved_reply_id: UUID) -> HttpResponseBase:
    reply = saved_reply_or_404(request.membership, saved_reply_id)
    own_saved_reply_or_refuse(request.membership, reply)
    return _edit(request, reply)


def _edit(request: StaffRequest, reply: SavedReply) -> HttpResponseBase:
    may_share = request.membership.can(Capability.SETTINGS_MANAGE)
    form = SavedReplyForm(request.POST if request.method == "POST" else None, instance=reply, may_share=may_share)
    if form.is_bound and form.is_valid():
        values = dict(form.cleaned_data)
        if may_share:
            values["owner"] = None if values.pop("everybody") else reply.owner or request.membership
        actions.save_word(actor=request.actor, now=timezone.now(), row=reply, values=values)
        messages.success(request, _("Saved."))
        return redirect("tickets:replies")
    row = None if reply._state.adding else reply
    return render(request, "tickets/reply.html", {"form": form, "row": row}, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.TICKETS_WORK)
def archive_reply(request: StaffRequest, saved_reply_id: UUID) -> HttpResponseBase:
    reply = saved_reply_or_404(request.membership, saved_reply_id)
    own_saved_reply_or_refuse(request.membership, reply)
    back = reply.is_archived
    act = actions.restore_word if back else actions.archive_word
    act(actor=request.actor, now=timezone.now(), row=reply)
    told = _("%(name)s is back.") if back else _("%(name)s was archived.")
    undo = "" if back else f"undo={reverse('tickets:archive-reply', args=[reply.pk])}"
    messages.success(request, told % {"name": reply}, extra_tags=undo)
    return redirect("tickets:replies")


@require_safe
@staff(Capability.TICKETS_WORK)
def offered(request: StaffRequest, ticket_number: int) -> HttpResponse:
    """What can be put into the composer of a ticket, its blanks filled in."""
    found = offered_on(ticket_or_404(ticket_number), request.membership)
    return render(request, "tickets/_offered.html", {"offered": found})
