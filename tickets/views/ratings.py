"""What clients thought of our work, for the team."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.keyset import page_of
from tickets import actions
from tickets.access import rating_or_404
from tickets.choices import Face
from tickets.forms.aftermath import AnswerRatingForm
from tickets.queries.ratings import ratings, unanswered

from .answers import form_errors


@require_safe
@staff(Capability.TICKETS_VIEW)
def rating_list(request: StaffRequest) -> HttpResponse:
    """All, or those of one face; the bad ones that wait for somebody first of all."""
    view = request.GET.get("view", "")
    face = next((face for face in Face if face.name.lower() == view), None)
    found = ratings(face=face, unanswered=view == "waiting")
    page = page_of(found, order=("-at", "-id"), params=request.GET.dict(), size=50)
    tabs = [("waiting", _("Not taken care of"), unanswered()), ("", _("All"), None)]
    tabs += [(face.name.lower(), str(face.label), None) for face in Face]
    shown = [{"label": label, "url": f"?view={name}", "current": view == name, "count": n} for name, label, n in tabs]
    return render(request, "tickets/ratings.html", {"page": page, "tabs": shown})


@require_POST
@staff(Capability.TICKETS_WORK)
def answer(request: StaffRequest, rating_id: UUID) -> HttpResponseBase:
    """A bad rating was taken care of."""
    rating, form = rating_or_404(rating_id), AnswerRatingForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return redirect(rating.ticket)
    actions.answer_rating(actor=request.actor, now=timezone.now(), rating=rating, **form.cleaned_data)
    messages.success(request, _("Kept, with what you did."))
    return redirect(rating.ticket)
