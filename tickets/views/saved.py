"""Saved views of the ticket list: made from the filters one looks through, with how many tickets each holds."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import own_saved_view_or_refuse, saved_view_or_404
from tickets.forms import QueueForm, SavedViewForm
from tickets.models import SavedView
from tickets.queries.views import COUNTED, count_of, views_for

from .answers import back, form_errors, wants_part
from .queues import asked_in

MOST_COUNTED = 12  # views; a longer list names the rest without a number


@require_safe
@staff(Capability.TICKETS_VIEW)
def saved_views(request: StaffRequest) -> HttpResponse:
    """Every saved view of one's own and of everybody, with its count."""
    now, me = timezone.now(), request.membership
    rows = list(views_for(me))
    counted = [(view, count_of(asked_in(QueryDict(view.query), now), me)) for view in rows[:MOST_COUNTED]]
    context = {"views": [*counted, *((view, None) for view in rows[MOST_COUNTED:])], "most": COUNTED}
    return render(request, "tickets/_saved_views.html" if wants_part(request) else "tickets/saved_views.html", context)


@require_POST
@staff(Capability.TICKETS_VIEW)
def save_view(request: StaffRequest) -> HttpResponseBase:
    """Keep the filters of the list that one looks at under a name. To share it with everybody is a right."""
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return back(request, "tickets:list")
    shared = form.cleaned_data["everybody"] and request.membership.can(Capability.TICKETS_ASSIGN)
    view = SavedView(owner=None if shared else request.membership)
    values = {"name": form.cleaned_data["name"], "query": QueueForm.kept(form.cleaned_data["query"])}
    actions.save_word(actor=request.actor, now=timezone.now(), row=view, values=values)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
    return redirect(view)


@require_POST
@staff(Capability.TICKETS_VIEW)
def archive_view(request: StaffRequest, saved_view_id: UUID) -> HttpResponseBase:
    """Put a view away; pressed again, which is what the toast offers, it is back."""
    view = saved_view_or_404(request.membership, saved_view_id)
    own_saved_view_or_refuse(request.membership, view)
    was = view.is_archived
    act = actions.restore_word if was else actions.archive_word
    act(actor=request.actor, now=timezone.now(), row=view)
    undo = "" if was else f"undo={reverse('tickets:archive-view', args=[view.pk])}"
    told = _("%(name)s is back.") if was else _("%(name)s was put away.")
    messages.success(request, told % {"name": view}, extra_tags=undo)
    return redirect("tickets:saved-views")
