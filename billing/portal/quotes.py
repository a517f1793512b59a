"""The client's quotes: the list, one to read, choose from, accept or decline."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access.quotes import quote_pdf_or_404, sent_revision_or_404
from billing.choices import AnswerWay
from billing.forms.quotes import AcceptForm, DeclineForm, picked_in
from billing.models import QuoteRevision
from billing.queries.lists import shop_today
from billing.queries.quote_detail import ClientQuote, client_quote, portal_quotes
from billing.rules.refusals import Refused
from clients.models import Contact
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.files.documents import response_of
from msp.tenancy.context import on_behalf


@require_safe
@portal(PortalCapability.QUOTES)
def quotes(request: PortalRequest) -> HttpResponse:
    context = {"page": portal_quotes(request.GET.dict()), "today": shop_today(timezone.now())}
    return render(request, "billing/portal_quotes.html", context)


@require_safe
@portal(PortalCapability.QUOTES)
def quote(request: PortalRequest, quote_revision_id: UUID) -> HttpResponse:
    """To read, with choices; opening it answers nothing."""
    picked = picked_in(request.GET) or None
    shown = client_quote(sent_revision_or_404(quote_revision_id), picked, shop_today(timezone.now()))
    return _page(request, shown)


@require_POST
@portal(PortalCapability.QUOTES)
def accept(request: PortalRequest, quote_revision_id: UUID) -> HttpResponseBase:
    """Say yes to what is picked."""
    revision, now = sent_revision_or_404(quote_revision_id), timezone.now()
    shown, form = client_quote(revision, picked_in(request.POST), shop_today(now)), AcceptForm(request.POST)
    if form.is_valid() and form.agrees_with(shown.agreed, shown.problem):
        try:
            _accept(request, revision, form, shown)
            messages.success(request, _("Thank you. It is accepted."))
            return redirect("billing:portal-quote", revision.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, shown, accept_form=form)


@require_POST
@portal(PortalCapability.QUOTES)
def decline(request: PortalRequest, quote_revision_id: UUID) -> HttpResponseBase:
    """Say no, and why."""
    revision, now, form = sent_revision_or_404(quote_revision_id), timezone.now(), DeclineForm(request.POST)
    if form.is_valid():
        by, document = _by(request, form.cleaned_data["name"]), form.cleaned_data["document"]
        said = {"revision": revision, "by": by, "reason": form.reason, "document_sha256": document}
        try:
            with on_behalf():
                actions.decline_quote(actor=request.actor, now=now, **said)
            messages.success(request, _("Thank you for telling us."))
            return redirect("billing:portal-quote", revision.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, client_quote(revision, None, shop_today(now)), decline_form=form)


@require_POST
@portal(PortalCapability.QUOTES)
def seen(request: PortalRequest, quote_revision_id: UUID) -> HttpResponse:
    """The page stands open before somebody: its script says so."""
    revision = sent_revision_or_404(quote_revision_id)
    with on_behalf():
        actions.see_quote(revision=revision, actor=request.actor, now=timezone.now())
    return HttpResponse(status=204)


@require_safe
@portal(PortalCapability.QUOTES)
def pdf(request: PortalRequest, quote_revision_id: UUID) -> HttpResponseBase:
    """The document, to keep."""
    return response_of(quote_pdf_or_404(quote_revision_id))


def _accept(request: PortalRequest, revision: QuoteRevision, form: AcceptForm, shown: ClientQuote) -> None:
    said, by = form.cleaned_data, _by(request, form.cleaned_data["name"])
    given = {"revision": revision, "by": by, "picked": shown.picked, "po_number": said["po_number"]}
    with on_behalf():
        actions.accept_quote(document_sha256=said["document"], actor=request.actor, now=timezone.now(), **given)


def _by(request: PortalRequest, name: str) -> actions.Answerer:
    contact = Contact.objects.get(pk=request.identity.contact_id)
    return actions.Answerer(name, AnswerWay.PORTAL, contact)


def _page(
    request: PortalRequest,
    shown: ClientQuote,
    *,
    accept_form: AcceptForm | None = None,
    decline_form: DeclineForm | None = None,
) -> HttpResponse:
    first = {"name": request.membership.name, "document": shown.revision.pdf_sha256, "agreed": shown.agreed}
    context = {
        "q": shown,
        "quote": shown.revision,
        "unseen": shown.revision.seen_at is None,
        "accept_form": accept_form or AcceptForm(initial=first),
        "decline_form": decline_form or DeclineForm(initial=first, prefix=None),
    }
    status = 422 if accept_form or decline_form else 200
    return render(request, "billing/portal_quote.html", context, status=status)
