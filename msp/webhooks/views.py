"""A shop's webhooks, in its settings: where events go, what was sent, and sending it once more."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.keyset import page_of
from msp.tenancy.secretbox import SecretUnreadable

from . import actions
from .access import delivery_or_404, endpoint_or_404
from .actions.deliveries import NotPossible
from .choices import DeliveryState
from .forms import EndpointForm
from .models import Endpoint
from .queries import deliveries_of, endpoints
from .registry import EVENTS

_C = Capability.SETTINGS_MANAGE
_GET_OR_POST = ["GET", "HEAD", "POST"]


@require_safe
@staff(_C)
def endpoint_list(request: StaffRequest) -> HttpResponse:
    return render(request, "webhooks/endpoints.html", {"endpoints": endpoints()})


@require_http_methods(_GET_OR_POST)
@staff(_C)
def add(request: StaffRequest) -> HttpResponseBase:
    form = EndpointForm(request.POST or None)
    if form.is_bound and form.is_valid():
        endpoint = actions.add_endpoint(actor=request.actor, now=timezone.now(), **form.given)
        messages.success(request, _("The webhook is set up. Give its secret to the program that listens."))
        return redirect(endpoint)
    return render(request, "webhooks/form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@staff(_C)
def endpoint(request: StaffRequest, endpoint_id: UUID) -> HttpResponse:
    return render(request, "webhooks/endpoint.html", _shown(request, endpoint_or_404(endpoint_id)))


def _shown(request: StaffRequest, endpoint: Endpoint) -> dict[str, object]:
    state = request.GET.get("state", "")
    state = state if state in DeliveryState.values else ""
    rows = page_of(deliveries_of(endpoint, state), order=("-created_at", "-id"), params=request.GET.dict())
    return {
        "endpoint": endpoint,
        "page": rows,
        "state": state,
        "states": DeliveryState.choices,
        "events": [EVENTS[name] for name in endpoint.events if name in EVENTS],
        "is_replacing": endpoint.is_replacing(timezone.now()),
    }


@require_http_methods(_GET_OR_POST)
@staff(_C)
def change(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    form = EndpointForm(request.POST or None, instance=endpoint_or_404(endpoint_id))
    if form.is_bound and form.is_valid():
        endpoint = endpoint_or_404(endpoint_id)
        actions.change_endpoint(actor=request.actor, now=timezone.now(), endpoint=endpoint, **form.given)
        messages.success(request, _("Saved."))
        return redirect(endpoint)
    context = {"form": form, "endpoint": endpoint_or_404(endpoint_id)}  # the form's own carries what was typed
    return render(request, "webhooks/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(_C)
def secret(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    """Show the signing secret, and write down who looked."""
    endpoint = endpoint_or_404(endpoint_id)
    try:
        shown = actions.show_secret(actor=request.actor, now=timezone.now(), endpoint=endpoint)
    except SecretUnreadable:
        messages.error(request, _("The secret cannot be read any more. Make a new one."))
        return redirect(endpoint)
    return render(request, "webhooks/endpoint.html", _shown(request, endpoint) | {"secret": shown})


@require_POST
@staff(_C)
def rotate(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    endpoint = actions.rotate_secret(actor=request.actor, now=timezone.now(), endpoint=endpoint_or_404(endpoint_id))
    messages.success(request, _("A new secret signs from now on, and for a day the old one beside it."))
    return redirect(endpoint)


@require_POST
@staff(_C)
def end_old(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    endpoint = endpoint_or_404(endpoint_id)
    actions.end_old_secret(actor=request.actor, now=timezone.now(), endpoint=endpoint)
    messages.success(request, _("The old secret signs no more."))
    return redirect(endpoint)


@require_POST
@staff(_C)
def test(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    endpoint = endpoint_or_404(endpoint_id)
    try:
        delivery = actions.send_test(actor=request.actor, now=timezone.now(), endpoint=endpoint)
    except NotPossible as why:
        messages.error(request, str(why))
        return redirect(endpoint)
    return redirect(delivery)


@require_POST
@staff(_C)
def pause(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    endpoint = actions.pause_endpoint(actor=request.actor, now=timezone.now(), endpoint=endpoint_or_404(endpoint_id))
    messages.success(request, _("Paused. What happens until it goes on is not sent there."))
    return redirect(endpoint)


@require_POST
@staff(_C)
def resume(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    endpoint = actions.resume_endpoint(actor=request.actor, now=timezone.now(), endpoint=endpoint_or_404(endpoint_id))
    messages.success(request, _("It goes on."))
    return redirect(endpoint)


@require_POST
@staff(_C)
def replay_failed(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    endpoint = endpoint_or_404(endpoint_id)
    try:
        number = actions.replay_failed(actor=request.actor, now=timezone.now(), endpoint=endpoint)
    except NotPossible as why:
        messages.error(request, str(why))
    else:
        said = ngettext("%d delivery goes out again.", "%d deliveries go out again.", number) % number
        messages.success(request, said)
    return redirect(endpoint)


@require_POST
@staff(_C)
def delete(request: StaffRequest, endpoint_id: UUID) -> HttpResponseBase:
    endpoint = endpoint_or_404(endpoint_id)
    actions.delete_endpoint(actor=request.actor, now=timezone.now(), endpoint=endpoint)
    messages.success(request, _("%(name)s is deleted.") % {"name": endpoint.name})
    return redirect("webhooks:endpoints")


@require_safe
@staff(_C)
def delivery(request: StaffRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery: what was sent, and what came back. While it waits for its turn the page asks again."""
    delivery = delivery_or_404(delivery_id)
    said = json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)
    return render(request, "webhooks/delivery.html", {"delivery": delivery, "said": said})


@require_POST
@staff(_C)
def replay(request: StaffRequest, delivery_id: UUID) -> HttpResponseBase:
    delivery = delivery_or_404(delivery_id)
    try:
        again = actions.replay(actor=request.actor, now=timezone.now(), delivery=delivery)
    except NotPossible as why:
        messages.error(request, str(why))
        return redirect(delivery)
    messages.success(request, _("It goes out once more."))
    return redirect(again)
