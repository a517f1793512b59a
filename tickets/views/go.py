"""The link of a mail that asks whether it works: nobody signs in, and only a press changes anything, because mail scanners open links."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from msp.accounts.doors import public
from msp.accounts.rules import Actor
from msp.tenancy.context import enter, system_scope
from msp.tenancy.scope import Audience, Scope
from msp.tenancy.tokens import Token
from tickets import actions
from tickets.access import solved_link_of
from tickets.forms.aftermath import RatingForm, StillWrongForm
from tickets.models import SolvedLink, Ticket
from tickets.queries.ratings import rating_of
from tickets.queries.together import standing
from tickets.rules import Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@public("the link's secret says whose answer it is")
def go(request: HttpRequest, go_token: str) -> HttpResponseBase:
    token = Token.parse(go_token)
    here = getattr(request, "host_tenant", None)
    if token is None or (here is not None and here.pk != token.tenant_id):
        return _closed(request)
    with enter(system_scope(token.tenant_id)):
        link = solved_link_of(token)
        if link is None or not link.is_open(timezone.now()):
            return _closed(request)
        scope = Scope(token.tenant_id, Audience.SYSTEM, link.client_id, link.contact_id)
        with enter(scope), translation.override(link.contact.language):
            return _answer(request, link, go_token)


def _answer(request: HttpRequest, link: SolvedLink, go_token: str) -> HttpResponseBase:
    ticket = standing(link.ticket)
    act = {"works": _works, "wrong": _wrong, "rate": _rate}.get(request.POST.get("do", ""))
    form = None
    if request.method == "POST" and act is not None:
        try:
            form = act(request, link, ticket)
        except Refused as reason:
            messages.error(request, str(reason))
        if form is None:
            return redirect("tickets:go", go_token=go_token)
    return _page(request, link, ticket, form)


def _works(request: HttpRequest, link: SolvedLink, ticket: Ticket) -> None:
    actions.confirm_solved(actor=_actor(link), now=timezone.now(), ticket=ticket)


def _wrong(request: HttpRequest, link: SolvedLink, ticket: Ticket) -> StillWrongForm | None:
    form = StillWrongForm(request.POST)
    if not form.is_valid():
        return form
    said = form.cleaned_data | {"body": form.cleaned_data["body"] or _("It is still wrong.")}
    actions.reply_as_contact(actor=_actor(link), now=timezone.now(), ticket=ticket, contact=link.contact, **said)
    return None


def _rate(request: HttpRequest, link: SolvedLink, ticket: Ticket) -> RatingForm | None:
    form = RatingForm(request.POST)
    if not form.is_valid():
        return form
    given = {"ticket": ticket, "contact": link.contact, **form.cleaned_data}
    actions.rate_ticket(actor=_actor(link), now=timezone.now(), **given)
    messages.success(request, _("Thank you. We read every one of these."))
    return None


def _actor(link: SolvedLink) -> Actor:
    """The contact, with or without a sign-in of their own."""
    return actions.contact_actor(link.contact)


def _page(
    request: HttpRequest, link: SolvedLink, ticket: Ticket, form: RatingForm | StillWrongForm | None
) -> HttpResponse:
    asks = ticket.solved_at is not None and ticket.confirmed_at is None
    context: dict[str, Any] = {
        "ticket": ticket,
        "shop": link.tenant.name,
        "asks": asks,
        "wrong_first": request.GET.get("say") == "wrong",
        "rating": rating_of(ticket),
        "rating_form": form if isinstance(form, RatingForm) else RatingForm(),
        "wrong_form": form if isinstance(form, StillWrongForm) else StillWrongForm(),
    }
    return render(request, "tickets/go.html", context, status=422 if form is not None else 200)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "tickets/go_closed.html", status=404)
