"""The portal's page of people: who of us may use it, and asking a colleague in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from msp.accounts.actions import TooManyLetters
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf
from msp.tenancy.keyset import page_of

from . import actions
from .access import colleague_or_404, own_client
from .forms import ColleagueForm, PassOnForm
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
    page = page_of(colleagues(), order=("name", "id"), params=request.GET.dict())
    context = {"page": page, "form": form}
    return render(request, "clients/portal_people.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@portal(PortalCapability.PEOPLE)
def person(request: PortalRequest, contact_id: UUID) -> HttpResponseBase:
    """What a colleague may do here. One passes on and takes away what one holds oneself, never from oneself."""
    contact = colleague_or_404(contact_id)
    mine, own = contact.pk == request.identity.contact_id, request.membership.capabilities
    held = _granted_of(contact)
    form = PassOnForm(request.POST if request.method == "POST" else None, own=own, held=held or [])
    if form.is_bound and held is not None and not mine and form.is_valid():
        with on_behalf():
            granted = form.granted_now
            actions.change_colleague(actor=request.actor, now=timezone.now(), contact=contact, granted=granted)
        messages.success(request, _("Saved. It counts from their next click."))
        return redirect("clients:portal-people")
    context = {"contact": contact, "mine": mine, "joined": held is not None, "form": form}
    return render(request, "clients/portal_person.html", context, status=422 if form.errors else 200)


@require_POST
@portal(PortalCapability.PEOPLE)
def end_access(request: PortalRequest, contact_id: UUID) -> HttpResponseBase:
    """A colleague leaves the portal, at once."""
    contact = colleague_or_404(contact_id)
    if contact.pk == request.identity.contact_id:
        messages.error(request, _("Ask a colleague to end your own access."))
        return redirect("clients:portal-people")
    with on_behalf():
        held = Contact.objects.select_related("membership").get(pk=contact.pk)
        actions.end_portal_access(actor=request.actor, now=timezone.now(), contact=held)
    messages.success(request, _("%(name)s can no longer use the portal.") % {"name": contact.name})
    return redirect("clients:portal-people")


def _granted_of(contact: Contact) -> list[str] | None:
    """The rights of a colleague, which are closed to the portal itself; None for who has not joined."""
    with on_behalf():
        membership = Contact.objects.select_related("membership").get(pk=contact.pk).membership
        return list(membership.granted) if membership else None


def _ask_in(request: PortalRequest, values: dict[str, Any]) -> None:
    with on_behalf():
        actions.ask_colleague_in(actor=request.actor, now=timezone.now(), client=own_client(), **values)


def promises_panel(request: HttpRequest) -> dict[str, object] | None:
    """What we owe the client and by when, on the portal's first page; None when nothing is owed."""
    now, rows = timezone.now(), promised_to_client()[:PROMISES_SHOWN]
    urls = urls_of(rows, portal=True)
    lines = [(row, kind_of(row.kind).portal_words, urls.get(row.pk, ""), row.is_past(now)) for row in rows]
    return {"lines": lines} if lines else None
