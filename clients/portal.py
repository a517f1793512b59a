"""The portal's page of people: who of us may use it, and asking a colleague in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf

from . import actions
from .access import own_client
from .forms import ColleagueForm
from .queries import colleagues


@require_http_methods(["GET", "HEAD", "POST"])
@portal(PortalCapability.PEOPLE)
def people(request: PortalRequest) -> HttpResponseBase:
    form = ColleagueForm(request.POST or None, own=request.membership.capabilities)
    if form.is_bound and form.is_valid():
        with on_behalf():
            client = own_client()
            actions.ask_colleague_in(actor=request.actor, now=timezone.now(), client=client, **form.cleaned_data)
        messages.success(request, _("%(name)s was invited.") % {"name": form.cleaned_data["name"]})
        return redirect("clients:portal-people")
    context = {"people": colleagues(), "form": form}
    return render(request, "clients/portal_people.html", context, status=422 if form.is_bound else 200)
