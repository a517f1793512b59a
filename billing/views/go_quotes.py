"""A quote by its mailed link: nobody signs in, and only a press answers, because mail scanners open links."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access.quotes import quote_link_of, quote_pdf_or_404
from billing.choices import AnswerWay
from billing.forms.quotes import AcceptForm, DeclineForm, picked_in
from billing.models import QuoteLink
from billing.queries.lists import shop_today
from billing.queries.quote_detail import ClientQuote, client_quote
from billing.rules.refusals import Refused
from msp.accounts.doors import public
from msp.files.documents import response_of
from msp.tenancy.context import enter, system_scope
from msp.tenancy.scope import Audience, Scope
from msp.tenancy.tokens import Token
from tickets.actions.aftermath import contact_actor

_WHY = "the link's secret says whose answer it is"
Answer = Callable[[HttpRequest, QuoteLink, str], HttpResponseBase]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@public(_WHY)
def go(request: HttpRequest, quote_token: str) -> HttpResponseBase:
    """To read, to choose; a post says yes or no."""
    return _inside(request, quote_token, _answer if request.method == "POST" else _read)


@require_POST
@public(_WHY)
def seen(request: HttpRequest, quote_token: str) -> HttpResponseBase:
    """The page stands open before somebody: its script says so."""
    return _inside(request, quote_token, _seen)


@never_cache
@require_safe
@public(_WHY)
def pdf(request: HttpRequest, quote_token: str) -> HttpResponseBase:
    """The document, to keep."""
    return _inside(request, quote_token, lambda _r, link, _t: response_of(quote_pdf_or_404(link.revision_id)))


def _inside(request: HttpRequest, quote_token: str, answer: Answer) -> HttpResponseBase:
    """Run `answer` in the scope of the link's client, in its contact's language; a link out of use says so."""
    token = Token.parse(quote_token)
    here = getattr(request, "host_tenant", None)
    if token is None or (here is not None and here.pk != token.tenant_id):
        return _closed(request)
    with enter(system_scope(token.tenant_id)):
        link = quote_link_of(token)
        if link is None or not link.is_open(timezone.now()):
            return _closed(request)
        scope = Scope(token.tenant_id, Audience.SYSTEM, link.client_id, link.contact_id)
        with enter(scope), translation.override(link.contact.language):
            return answer(request, link, quote_token)


def _read(request: HttpRequest, link: QuoteLink, quote_token: str) -> HttpResponseBase:
    shown = client_quote(link.revision, picked_in(request.GET) or None, shop_today(timezone.now()))
    return _page(request, link, quote_token, shown)


def _seen(request: HttpRequest, link: QuoteLink, quote_token: str) -> HttpResponseBase:
    if request.POST.get("do") == "seen":
        actor = contact_actor(link.contact)
        actions.see_quote(revision=link.revision, link=link, actor=actor, now=timezone.now())
    return HttpResponse(status=204)


def _answer(request: HttpRequest, link: QuoteLink, quote_token: str) -> HttpResponseBase:
    picked = picked_in(request.POST) if request.POST.get("do") == "accept" else None
    shown = client_quote(link.revision, picked, shop_today(timezone.now()))
    form = AcceptForm(request.POST) if picked is not None else DeclineForm(request.POST)
    try:
        if isinstance(form, AcceptForm) and form.is_valid() and form.agrees_with(shown.agreed, shown.problem):
            _accept(link, form, shown.picked)
            return redirect("billing:go-quote", quote_token=quote_token)
        if isinstance(form, DeclineForm) and form.is_valid():
            _decline(link, form)
            messages.success(request, _("Thank you for telling us."))
            return redirect("billing:go-quote", quote_token=quote_token)
    except Refused as refused:
        form.add_error(None, str(refused))
    return _page(request, link, quote_token, shown, form)


def _accept(link: QuoteLink, form: AcceptForm, picked: frozenset[UUID]) -> None:
    said = form.cleaned_data
    given = {"revision": link.revision, "picked": picked, "po_number": said["po_number"], "now": timezone.now()}
    by = actions.Answerer(said["name"], AnswerWay.LINK, link.contact, link.recipient)
    actions.accept_quote(by=by, document_sha256=said["document"], actor=contact_actor(link.contact), **given)


def _decline(link: QuoteLink, form: DeclineForm) -> None:
    said = form.cleaned_data
    by = actions.Answerer(said["name"], AnswerWay.LINK, link.contact, link.recipient)
    given = {"revision": link.revision, "reason": form.reason, "document_sha256": said["document"]}
    actions.decline_quote(by=by, actor=contact_actor(link.contact), now=timezone.now(), **given)


def _page(
    request: HttpRequest,
    link: QuoteLink,
    quote_token: str,
    shown: ClientQuote,
    form: AcceptForm | DeclineForm | None = None,
) -> HttpResponse:
    first = {"name": link.contact.name, "document": shown.revision.pdf_sha256, "agreed": shown.agreed}
    context = {
        "q": shown,
        "quote": shown.revision,
        "shop": link.tenant.name,
        "token": quote_token,
        "unseen": link.seen_at is None,
        "accept_form": form if isinstance(form, AcceptForm) else AcceptForm(initial=first),
        "decline_form": form if isinstance(form, DeclineForm) else DeclineForm(initial=first),
    }
    return render(request, "billing/go_quote.html", context, status=422 if form is not None else 200)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "billing/go_quote_closed.html", status=404)
