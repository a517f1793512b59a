"""The requests of the client portal. It reads through the portal's walls; a write is one action on the contact's behalf."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clients.models import Contact
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.files.documents import response_of
from msp.tenancy.context import on_behalf
from msp.tenancy.keyset import page_of
from tickets import actions
from tickets.access import portal_attachment_or_404, portal_ticket_or_404
from tickets.forms import PortalReplyForm
from tickets.forms.aftermath import RatingForm
from tickets.models import Message, Rating, Ticket
from tickets.queries import portal as reading
from tickets.queries.around import is_watched_by
from tickets.queries.files import by_message, files_on
from tickets.queries.together import standing, with_merged
from tickets.rules import Refused


@require_safe
@portal(PortalCapability.REQUESTS)
def request_list(request: PortalRequest) -> HttpResponse:
    done = request.GET.get("view") == "done"
    found = reading.done_requests() if done else reading.open_requests()
    page = page_of(found, order=("-number",), params=request.GET.dict(), size=25)
    asked = {ticket.pk for ticket in page.rows if reading.asks_whether_it_works(ticket, timezone.now())}
    return render(request, "tickets/portal_list.html", {"page": page, "done": done, "asked": asked})


@require_safe
@portal(PortalCapability.REQUESTS)
def detail(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    ticket = portal_ticket_or_404(ticket_number)
    if ticket.merged_into_id:
        return redirect("tickets:portal-detail", ticket_number=standing(ticket).number)
    return _page(request, ticket, PortalReplyForm())


@require_POST
@portal(PortalCapability.REQUESTS)
def reply(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    ticket, form = portal_ticket_or_404(ticket_number), PortalReplyForm(request.POST, request.FILES)
    if not (form.is_valid() and _reply(request, ticket, form)):
        return _page(request, ticket, form)
    messages.success(request, _("Thank you. We have your message."))
    return redirect("tickets:portal-detail", ticket_number=ticket.number)


def _reply(request: PortalRequest, ticket: Ticket, form: PortalReplyForm) -> Message | None:
    contact, given = me(request), dict(form.cleaned_data)
    with on_behalf():
        try:
            given["kept"] = actions.keep_uploads(given.pop("uploads"))
        except Refused as reason:
            form.add_error("uploads", str(reason))
            return None
        return actions.reply_as_contact(
            actor=request.actor, now=timezone.now(), ticket=ticket, contact=contact, **given
        )


@require_safe
@portal(PortalCapability.REQUESTS)
def attachment(request: PortalRequest, ticket_number: int, attachment_id: UUID) -> HttpResponseBase:
    """A file of a public message: saved, or with ?show shown where that is safe."""
    found = portal_attachment_or_404(portal_ticket_or_404(ticket_number), attachment_id, timezone.now())
    return response_of(found.file, inline="show" in request.GET)


@require_safe
@portal(PortalCapability.REQUESTS)
def thumbnail(request: PortalRequest, ticket_number: int, attachment_id: UUID) -> HttpResponseBase:
    found = portal_attachment_or_404(portal_ticket_or_404(ticket_number), attachment_id, timezone.now())
    if found.thumbnail is None:
        raise Http404
    return response_of(found.thumbnail, inline=True)


@require_POST
@portal(PortalCapability.REQUESTS)
def follow(request: PortalRequest, ticket_number: int) -> HttpResponseBase:
    """Get a copy of every answer; pressed again, none."""
    ticket, contact = portal_ticket_or_404(ticket_number), me(request)
    with on_behalf():
        was = is_watched_by(ticket, contact)
        act = actions.unwatch if was else actions.watch
        act(actor=request.actor, now=timezone.now(), ticket=ticket, person=contact)
    messages.success(request, _("You get no more copies.") if was else _("You get a copy of every answer by e-mail."))
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
    needs, number = _home(request).needs, _home(request).needs_count
    says = ngettext("%d thing needs you.", "%d things need you.", number) % number
    if not needs:
        return None
    rest = reverse("tickets:portal-list") + ("?view=done" if needs[-1].solved_at else "")
    return {"tickets": needs, "number": number, "says": says, "more": number - len(needs), "rest": rest}


def working_panel(request: HttpRequest) -> dict[str, object]:
    """What we are doing for the client, on the portal's first page."""
    shown, number = _home(request).working, _home(request).working_count
    count = ngettext("We are working on %d request.", "We are working on %d requests.", number) % number
    last = reading.last_words(shown, timezone.now())
    return {"rows": [(ticket, last.get(ticket.pk)) for ticket in shown], "says": count if shown else ""}


def _home(request: HttpRequest) -> reading.Home:
    if not hasattr(request, "portal_requests"):
        request.portal_requests = reading.home(timezone.now())  # type: ignore[attr-defined]
    return request.portal_requests  # type: ignore[attr-defined,no-any-return]


def me(request: PortalRequest) -> Contact:
    """The contact who asks, with their site."""
    return Contact.objects.select_related("site").get(pk=request.identity.contact_id)


def _follows(request: PortalRequest, ticket: Ticket) -> bool:
    # Who follows is closed to the portal; of oneself one may know.
    contact = me(request)
    with on_behalf():
        return is_watched_by(ticket, contact)


def _page(request: PortalRequest, ticket: Ticket, form: PortalReplyForm) -> HttpResponse:
    now, files = timezone.now(), by_message(files_on(with_merged(ticket)))
    said, hidden = reading.conversation(ticket, now, whole="all" in request.GET)
    context = {
        "ticket": ticket,
        "turns": [(message, files.get(message.pk, [])) for message in said],
        "hidden": hidden,
        "asks": reading.asks_whether_it_works(ticket, now),
        "still_wrong": "wrong" in request.GET,
        "form": form,
        "follows": _follows(request, ticket),
        "me_contact": request.identity.contact_id,
        "rating": Rating.objects.filter(ticket=ticket).first(),
        "rating_form": RatingForm(),
    }
    return render(request, "tickets/portal_detail.html", context, status=422 if form.is_bound else 200)
