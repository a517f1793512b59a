"""More care for a sore client, and keeping people apart: pages of one client."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients.access import client_or_404
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import kept_apart_or_404
from tickets.forms.trouble import BoostForm, KeepApartForm
from tickets.queries.care import boost_of, healing_of, kept_apart
from tickets.queries.queues import workers
from tickets.rules import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_ASSIGN)
def boost(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client = client_or_404(client_slug)
    form = BoostForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.start_boost(actor=request.actor, now=timezone.now(), client=client, **form.cleaned_data)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("%(name)s comes earlier from now on.") % {"name": client.name})
            return redirect(client)
    running = boost_of(client)
    context = {"client": client, "form": form, "boost": running, "healing": healing_of(running) if running else None}
    return render(request, "tickets/boost.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.TICKETS_ASSIGN)
def end_boost(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client = client_or_404(client_slug)
    if running := boost_of(client):
        actions.end_boost(actor=request.actor, now=timezone.now(), boost=running)
        messages.success(request, _("The boost of %(name)s has ended.") % {"name": client.name})
    return redirect(client)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.PEOPLE_MANAGE)
def apart(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client = client_or_404(client_slug)
    form = KeepApartForm(request.POST if request.method == "POST" else None, people=workers())
    if form.is_bound and form.is_valid():
        actions.keep_apart(actor=request.actor, now=timezone.now(), client=client, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("tickets:apart", client_slug=client.slug)
    context = {"client": client, "form": form, "pairs": kept_apart(client)}
    return render(request, "tickets/apart.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.PEOPLE_MANAGE)
def let_meet(request: StaffRequest, client_slug: str, kept_apart_id: UUID) -> HttpResponseBase:
    pair = kept_apart_or_404(client_slug, kept_apart_id)
    actions.let_meet(actor=request.actor, now=timezone.now(), pair=pair)
    messages.success(request, _("%(name)s may be assigned again.") % {"name": pair.member.name})
    return redirect("tickets:apart", client_slug=client_slug)
