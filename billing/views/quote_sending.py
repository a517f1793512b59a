"""Approving, sending, revising and withdrawing quotes, writing down answers, and billing what was accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access.quotes import latest_revision, quote_or_404
from billing.choices import AnswerWay
from billing.forms.quotes import AnswerByHandForm, SendQuoteForm, picked_in
from billing.models import Agreement, Invoice, Quote, QuoteAnswer
from billing.queries.lists import shop_today
from billing.queries.quote_detail import client_quote, quote_detail
from billing.queries.quotes import open_revision, receivers_of
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from tickets.rules.leaks import Leaking

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@staff(Capability.BILLING_DRAFT)
def ask(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Ask a second person."""
    quote = quote_or_404(quote_id)
    return _try(request, quote, _("Whoever may approve it is told."), actions.ask_for_approval)


@require_POST
@staff(Capability.BILLING_APPROVE)
def approve(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Say yes as the second person."""
    quote, words = quote_or_404(quote_id), typed(request.POST, "words", 300)
    return _try(request, quote, _("Approved. It can be sent."), actions.approve_quote, words=words)


@require_POST
@staff(Capability.BILLING_APPROVE)
def send_back(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Say no, and why."""
    quote, reason = quote_or_404(quote_id), typed(request.POST, "reason", 300)
    return _try(request, quote, _("It is a draft again."), actions.send_quote_back, reason=reason)


@require_POST
@staff(Capability.BILLING_DRAFT)
def call_back(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Take it back to change it."""
    return _try(request, quote_or_404(quote_id), _("It is a draft again."), actions.call_quote_back)


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def send(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Choose who gets it, look once more, and send."""
    quote, leaks = quote_or_404(quote_id), []
    revision, now = latest_revision(quote), timezone.now()
    if revision.is_sent:
        return redirect(quote)  # the form came twice
    form = _send_form(request, quote, asks_reason=bool(request.POST.get("reason")))
    if form.is_bound and form.is_valid():
        try:
            actions.send_quote(revision=revision, actor=request.actor, now=now, **form.cleaned_data)
            messages.success(request, _("It is sent. The PDF and the mails follow in a moment."))
            return redirect(quote)
        except Leaking as leaking:
            form, leaks = _send_form(request, quote, asks_reason=True), list(leaking.leaks)
            form.add_error("reason", str(leaking))
        except Refused as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "quote": quote, "d": quote_detail(quote, revision.number, shop_today(now)), "leaks": leaks}
    return render(request, "billing/quote_send.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.BILLING_DRAFT)
def revise(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Begin the next revision."""
    quote = quote_or_404(quote_id)
    try:
        revision = actions.revise_quote(quote=quote, actor=request.actor, now=timezone.now())
        text = _("%(revision)s is a draft. What the client has stands until you send it.")
        messages.success(request, text % {"revision": revision.name})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(quote)


@require_POST
@staff(Capability.BILLING_DRAFT)
def withdraw(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Take the offer back."""
    quote, reason = quote_or_404(quote_id), typed(request.POST, "reason", 300)
    try:
        actions.withdraw_quote(quote=quote, reason=reason, actor=request.actor, now=timezone.now())
        messages.success(request, _("The quote is withdrawn. Nobody can accept it any more."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(quote)


@_PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def answer(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Write down what the client said by telephone or on paper."""
    quote = quote_or_404(quote_id)
    form = AnswerByHandForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            _note(request, quote, form.cleaned_data)
            messages.success(request, _("The answer is written down."))
            return redirect(quote)
        except Refused as refused:
            form.add_error(None, str(refused))
    revision, today = open_revision(quote), shop_today(timezone.now())
    choices = client_quote(revision, picked_in(request.POST) or None, today) if revision else None
    context = {"form": form, "title": _("Write down an answer"), "quote": quote, "choices": choices}
    return render(request, "billing/quote_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.BILLING_DRAFT)
def bill(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Draft the invoice of a part of it."""
    return _follow(request, quote_or_404(quote_id), actions.bill_quote)


@require_POST
@staff(Capability.BILLING_APPROVE)
def agree(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Draft the agreement or project of a part of it."""
    return _follow(request, quote_or_404(quote_id), actions.agree_on_quote)


def _follow(request: StaffRequest, quote: Quote, act: Callable[..., Invoice | Agreement]) -> HttpResponseBase:
    """Make of an accepted quote what the post asks for, and go there."""
    said = QuoteAnswer.objects.filter(quote=quote, kind="accepted").first()
    part = typed(request.POST, "part", 10)
    try:
        if said is None:
            raise Refused(_("The client did not accept it."))
        return redirect(act(answer=said, part=part, actor=request.actor, now=timezone.now()))
    except Refused as refused:
        messages.error(request, str(refused))
    except ValueError:
        messages.error(request, _("Choose what to make of it."))
    return redirect(quote)


def _try(request: StaffRequest, quote: Quote, done: str, act: Callable[..., object], **words: str) -> HttpResponseBase:
    try:
        act(revision=latest_revision(quote), actor=request.actor, now=timezone.now(), **words)
        messages.success(request, done)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(quote)


def _send_form(request: StaffRequest, quote: Quote, *, asks_reason: bool) -> SendQuoteForm:
    rows = receivers_of(quote.client)
    initial = {"contacts": [row.pk for row in rows if row.decides][:1] or [row.pk for row in rows][:1]}
    return SendQuoteForm(request.POST or None, contacts=rows, initial=initial, asks_reason=asks_reason)


def _note(request: StaffRequest, quote: Quote, said: dict[str, Any]) -> None:
    revision, now = open_revision(quote), timezone.now()
    if revision is None:
        raise Refused(_("Nothing of it is with the client."))
    by = actions.Answerer(said["name"], AnswerWay.BY_HAND)
    given = {"revision": revision, "by": by, "actor": request.actor, "now": now, "note": said["how"]}
    given |= {"document_sha256": revision.pdf_sha256 or ""}
    if said["kind"] == "accepted":
        picked = picked_in(request.POST)
        actions.accept_quote(picked=picked, po_number=said["po_number"], **given)
    else:
        actions.decline_quote(reason="", **given)
