"""The requests of the client portal. It reads through the portal's walls; a write is one action on the contact's behalf."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client, Contact
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf
from msp.tenancy.keyset import page_of

from . import actions
from .access import portal_ticket_or_404
from .choices import Door
from .forms import PortalReplyForm, RequestForm
from .models import Ticket
from .queries import portal as reading
from .rules import Refused


@require_safe
@portal(PortalCapability.REQUESTS)
def request_list(request: PortalRequest) -> HttpResponse:
    done = request.GET.get("view") == "done"
    found = reading.done_requests() if done else reading.open_requests()
    page = page_of(found, order=("-number",), params=request.GET.dict(), size=25)
    return render(request, "tickets/portal_list.html", {"page": page, "done": done})


@require_http_methods(["GET", "HEAD", "POST"])
@portal(PortalCapability.REQUESTS)
def create(request: PortalRequest) -> HttpResponseBase:
    form = RequestForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return render(request, "tickets/portal_new.html", {"form": form}, status=422 if form.is_bound else 200)
    contact, client = _me(request), Client.objects.get()
    about = {"client": client, "contact": contact, "site": contact.site}
    with on_behalf():
        ticket = actions.open_ticket(
            actor=request.actor, now=timezone.now(), door=Door.PORTAL, **about, **form.cleaned_data
        )
    messages.success(request, _("Thank you. We have your request, number %(number)s.") % {"number": ticket.number})
    return redirect("tickets:portal-detail", ticket_number=ticket.number)


@require_safe
@portal(PortalCapability.REQUESTS)
def detail(request: PortalRequest, ticket_number: int) -> HttpResponse:
    return _page(request, portal_ticket_or_404(ticket_number), PortalReplyForm())


@require_POST
@portal(PortalCapability.REQUESTS)
def reply(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    ticket, form = portal_ticket_or_404(ticket_number), PortalReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, form)
    contact = _me(request)
    with on_behalf():
        actions.reply_as_contact(
            actor=request.actor, now=timezone.now(), ticket=ticket, contact=contact, **form.cleaned_data
        )
    messages.success(request, _("Thank you. We have your message."))
    return redirect("tickets:portal-detail", ticket_number=ticket.number)


@require_POST
@portal(PortalCapability.REQUESTS)
def confirm(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    """It works."""
    ticket = portal_ticket_or_404(ticket_number)
    try:
        with on_behalf():
            actions.confirm_solved(actor=request.actor, now=timezone.now(), ticket=ticket)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Thank you for telling us. This request is done."))
    return redirect("tickets:portal-detail", ticket_number=ticket.number)


def needs_panel(request: HttpRequest) -> dict[str, object] | None:
    """What waits for the client, on the portal's first page; None when nothing does."""
    needs = _home(request).needs
    says = ngettext("%d thing needs you.", "%d things need you.", len(needs)) % len(needs)
    return {"tickets": needs[: reading.ON_HOME], "number": len(needs), "says": says} if needs else None


def working_panel(request: HttpRequest) -> dict[str, object]:
    """What we are doing for the client, on the portal's first page."""
    working = _home(request).working
    count = ngettext("We are working on %d request.", "We are working on %d requests.", len(working)) % len(working)
    shown = working[: reading.ON_HOME]
    last = reading.last_words(shown, timezone.now())
    return {"rows": [(ticket, last.get(ticket.pk)) for ticket in shown], "says": count if working else ""}


def _home(request: HttpRequest) -> reading.Home:
    if not hasattr(request, "portal_requests"):
        request.portal_requests = reading.home(timezone.now())  # type: ignore[attr-defined]
    return request.portal_requests  # type: ignore[attr-defined,no-any-return]


def _me(request: PortalRequest) -> Contact:
    return Contact.objects.select_related("site").get(pk=request.identity.contact_id)


def _page(request: PortalRequest, ticket: Ticket, form: PortalReplyForm) -> HttpResponse:
    now = timezone.now()
    context = {
        "ticket": ticket,
        "conversation": reading.conversation(ticket, now),
        "asks": reading.asks_whether_it_works(ticket, now),
        "still_wrong": "wrong" in request.GET,
        "form": form,
    }
    return render(request, "tickets/portal_detail.html", context, status=422 if form.is_bound else 200)
