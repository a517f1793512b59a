"""One promise: what it is, and what people do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import actions
from clients.access import client_or_404, promise_by_hand_or_404, promise_or_404
from clients.forms import CallbackForm, MoveForm, OwnerForm, ReasonForm
from clients.models import Promise
from clients.rules import NotPossible
from clients.rules.promises import before
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest

from .promises import lines_of

# Several forms of the page have a field of the same name.
MOVE_ID, EXPLAIN_ID = "id_move_%s", "id_explain_%s"


@require_safe
@staff(Capability.TICKETS_VIEW)
def promise_detail(request: StaffRequest, promise_id: UUID) -> HttpResponse:
    return _page(request, promise_or_404(promise_id))


@require_POST
@staff(Capability.TICKETS_WORK)
def keep(request: StaffRequest, promise_id: UUID) -> HttpResponseBase:
    """Mark it done."""
    promise = promise_by_hand_or_404(promise_id)
    undo = reverse("clients:reopen-promise", args=[promise_id])
    return _done(
        request,
        lambda: actions.keep_promise(actor=request.actor, now=timezone.now(), promise=promise),
        _("Done: %(what)s") % {"what": promise.words},
        undo="" if promise.is_past(timezone.now()) else undo,
    )


@require_POST
@staff(Capability.TICKETS_WORK)
def reopen(request: StaffRequest, promise_id: UUID) -> HttpResponseBase:
    """Take back that it was done, or cancelled."""
    promise, because = promise_by_hand_or_404(promise_id), _("it was marked by mistake")
    return _done(
        request,
        lambda: actions.reopen_promise(actor=request.actor, now=timezone.now(), promise=promise, because=because),
        _("Open again: %(what)s") % {"what": promise.words},
    )


@require_POST
@staff(Capability.TICKETS_WORK)
def move(request: StaffRequest, promise_id: UUID) -> HttpResponseBase:
    """Promise another time, and tell who it was made to."""
    promise, form = promise_by_hand_or_404(promise_id), MoveForm(request.POST, auto_id=MOVE_ID)
    if not form.is_valid():
        return _page(request, promise, move_form=form)
    stages = before(form.cleaned_data["promised_at"])
    return _done(
        request,
        lambda: actions.move_promise(
            actor=request.actor, now=timezone.now(), promise=promise, stages=stages, **form.cleaned_data
        ),
        _("Moved, and %(name)s is told.") % {"name": promise.contact.name} if promise.tells else _("Moved."),
    )


@require_POST
@staff(Capability.TICKETS_WORK)
def cancel(request: StaffRequest, promise_id: UUID) -> HttpResponseBase:
    """It is not owed any more, for a reason."""
    promise, form = promise_by_hand_or_404(promise_id), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, promise, cancel_form=form)
    return _done(
        request,
        lambda: actions.cancel_promise(
            actor=request.actor, now=timezone.now(), promise=promise, because=form.cleaned_data["because"]
        ),
        _("Cancelled: %(what)s") % {"what": promise.words},
        undo=reverse("clients:reopen-promise", args=[promise_id]),
    )


@require_POST
@staff(Capability.TICKETS_WORK)
def reassign(request: StaffRequest, promise_id: UUID) -> HttpResponseBase:
    """Say who keeps it."""
    promise, form = promise_by_hand_or_404(promise_id), OwnerForm(request.POST)
    if not form.is_valid():
        return _page(request, promise, owner_form=form)
    owner = form.cleaned_data["owner"]
    return _done(
        request,
        lambda: actions.reassign_promise(actor=request.actor, now=timezone.now(), promise=promise, owner=owner),
        _("%(name)s keeps it now.") % {"name": owner.name} if owner else _("Nobody has it now."),
    )


@require_POST
@staff(Capability.TICKETS_WORK)
def explain(request: StaffRequest, promise_id: UUID) -> HttpResponseBase:
    """Say why it was broken."""
    promise, form = promise_or_404(promise_id), ReasonForm(request.POST, auto_id=EXPLAIN_ID)
    if not form.is_valid():
        return _page(request, promise, explain_form=form)
    because = form.cleaned_data["because"]
    return _done(
        request,
        lambda: actions.explain_broken(actor=request.actor, now=timezone.now(), promise=promise, because=because),
        _("Saved."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def create(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    """A promise that a person makes: to get back by a time."""
    client = client_or_404(client_slug)
    form = CallbackForm(request.POST or None, client=client, initial={"owner": request.membership})
    if form.is_bound and form.is_valid():
        about = {"subject": client, "client": client} | form.cleaned_data
        try:
            actions.promise_callback(actor=request.actor, now=timezone.now(), **about)
        except NotPossible as reason:
            form.add_error("promised_at", str(reason))
        else:
            messages.success(request, _("Promised. You are reminded a day and an hour before."))
            return redirect(client)
    context = {"form": form, "title": _("New promise"), "client": client, "back": client.get_absolute_url()}
    return render(request, "clients/form.html", context, status=422 if form.is_bound else 200)


def _done(request: StaffRequest, act: Callable[[], Promise], text: str, undo: str = "") -> HttpResponseBase:
    """Act and say so, or say why not; then back to the promise."""
    try:
        promise = act()
    except NotPossible as reason:
        messages.error(request, str(reason))
        return redirect("clients:promises")
    messages.success(request, text, extra_tags=f"undo={undo}" if undo else "")
    return redirect(promise)


def _page(request: StaffRequest, promise: Promise, **bound: forms.Form) -> HttpResponse:
    (line,) = lines_of([promise], timezone.now())
    context: dict[str, Any] = {"line": line, "promise": promise, "fired": promise.fired.order_by("fired_at", "id")}
    context["may_work"] = request.membership.can(Capability.TICKETS_WORK)
    context["move_form"] = MoveForm(initial={"promised_at": promise.promised_at}, auto_id=MOVE_ID)
    context["explain_form"] = ReasonForm(auto_id=EXPLAIN_ID)
    context |= {"cancel_form": ReasonForm(), "owner_form": OwnerForm(initial={"owner": promise.owner_id})} | bound
    return render(request, "clients/promise.html", context, status=422 if bound else 200)
