"""The phone door: who calls, what is open for them, one field, Enter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.accounts.requests import typed as typed_in
from msp.tenancy.ids import id_from
from msp.tenancy.keyset import page_of
from tickets import actions
from tickets.forms.calls import CallForm, signed_now
from tickets.models import Call
from tickets.queries import calls as reading
from tickets.rules import Refused

from .answers import wants_part


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def call(request: StaffRequest) -> HttpResponseBase:
    """First who calls, by number or name; then what they say."""
    typed = typed_in(request.GET, "q", 100)
    caller = _named(request)
    found = [] if caller or not typed else reading.callers(typed)
    if wants_part(request) and request.method == "GET":
        return render(request, "tickets/_callers.html", {"callers": found, "typed": typed})
    if caller is None and len(found) == 1:
        caller = found[0]
    if caller is None and request.GET.get("client") == "unknown":
        caller = reading.Caller(reading.unsorted_client(), None)
    if caller is None:
        return render(request, "tickets/call.html", {"callers": found, "typed": typed})
    return _take(request, caller, typed)


def _named(request: StaffRequest) -> reading.Caller | None:
    contact = id_from(request.GET.get("contact", ""))
    return reading.caller_named(str(contact or ""), typed_in(request.GET, "client", 80))


def _take(request: StaffRequest, caller: reading.Caller, typed: str) -> HttpResponseBase:
    known, now = reading.known_of(caller), timezone.now()
    number = typed if any(letter.isdigit() for letter in typed) else ""
    start = {"number": number, "started": signed_now(now), "ticket": ""}
    form = CallForm(request.POST if request.method == "POST" else None, tickets=known.tickets, initial=start)
    if form.is_bound and form.is_valid() and (taken := _keep(request, caller, form)):
        messages.success(request, _("Kept on #%(number)s.") % {"number": taken.ticket.number})
        return redirect(taken.ticket)
    context: dict[str, Any] = {"caller": caller, "known": known, "form": form, "typed": typed}
    return render(request, "tickets/call_form.html", context, status=422 if form.is_bound else 200)


def _keep(request: StaffRequest, caller: reading.Caller, form: CallForm) -> Call | None:
    values, now = dict(form.cleaned_data), timezone.now()
    values.pop("started")
    given = {"client": caller.client, "contact": caller.contact, "member": request.membership, **values}
    try:
        return actions.take_call(actor=request.actor, now=now, started_at=form.started_at(now), **given)
    except Refused as reason:
        form.add_error(None, str(reason))
        return None


@require_safe
@staff(Capability.TICKETS_VIEW)
def call_list(request: StaffRequest) -> HttpResponse:
    """How many calls there are and how long they take, then the calls themselves."""
    rows = Call.objects.select_related("client", "contact", "member", "ticket")
    page = page_of(rows, order=("-started_at", "-id"), params=request.GET.dict(), size=50)
    return render(request, "tickets/calls.html", {"days": reading.calls_by_day(timezone.now()), "page": page})
