"""The portal's page of people: who of us may use it, and asking a colleague in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from msp.accounts.actions import TooManyLetters
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf

from . import actions
from .access import own_client
from .forms import ColleagueForm
from .forms.complaints import ComplaintForm
from .models import Contact
from .queries import colleagues, promised_to_client
from .queries.complaints import own_complaints, staff_names
from .registry import kind_of, urls_of

PROMISES_SHOWN = 8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@portal(None)
def private(request: PortalRequest) -> HttpResponseBase:
    """A word to the owner alone, for every contact."""
    form = ComplaintForm(request.POST if request.method == "POST" else None, people=staff_names())
    if form.is_bound and form.is_valid():
        contact = Contact.objects.get(pk=request.identity.contact_id)
        with on_behalf():
            actions.send_complaint(now=timezone.now(), contact=contact, **form.cleaned_data)
        messages.success(request, _("Thank you. Only the owner reads it."))
        return redirect("clients:portal-private")
    context = {"form": form, "complaints": own_complaints()}
    return render(request, "clients/portal_private.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@portal(PortalCapability.PEOPLE)
def people(request: PortalRequest) -> HttpResponseBase:
    form = ColleagueForm(request.POST or None, own=request.membership.capabilities)
    if form.is_bound and form.is_valid():
        try:
            _ask_in(request, form.cleaned_data)
        except TooManyLetters as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("%(name)s was invited.") % {"name": form.cleaned_data["name"]})
            return redirect("clients:portal-people")
    context = {"people": colleagues(), "form": form}
    return render(request, "clients/portal_people.html", context, status=422 if form.is_bound else 200)


def _ask_in(request: PortalRequest, values: dict[str, Any]) -> None:
    with on_behalf():
        actions.ask_colleague_in(actor=request.actor, now=timezone.now(), client=own_client(), **values)


def promises_panel(request: HttpRequest) -> dict[str, object] | None:
    """What we owe the client and by when, on the portal's first page; None when nothing is owed."""
    now, rows = timezone.now(), promised_to_client()[:PROMISES_SHOWN]
    urls = urls_of(rows, portal=True)
    lines = [(row, kind_of(row.kind).portal_words, urls.get(row.pk, ""), row.is_past(now)) for row in rows]
    return {"lines": lines} if lines else None
