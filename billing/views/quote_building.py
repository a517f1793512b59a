"""Building a quote: its head, its lines, their evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access.quotes import latest_revision, quote_line_or_404, quote_or_404
from billing.forms.quotes import EvidenceForm, NewQuoteForm, QuoteHeadForm, QuoteLineForm, QuoteSettingsForm
from billing.models import EvidenceSheet, Quote, QuoteLine
from billing.queries.quotes import counted, quote_settings, start_of_sheet
from billing.queries.terms import terms_for
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.marks import ChangedMeanwhile

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def new(request: StaffRequest) -> HttpResponseBase:
    """For whom and what about; `?client=` chooses the client."""
    picked = Client.objects.filter(slug=request.GET.get("client", "")[:80].replace("\0", "")).first()
    form = NewQuoteForm(request.POST or None, initial={"client": picked})
    if form.is_bound and form.is_valid():
        try:
            made = actions.start_quote(
                owner=request.membership, actor=request.actor, now=timezone.now(), **form.cleaned_data
            )
            return redirect("billing:new-quote-line", made.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, form, _("New quote"), None)


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def edit(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """Title, words, last day, deposit."""
    quote = quote_or_404(quote_id)
    form = QuoteHeadForm(request.POST or None, instance=latest_revision(quote))
    if form.is_bound and form.is_valid():
        try:
            revision = latest_revision(quote)
            actions.edit_quote(revision=revision, values=form.cleaned_data, actor=request.actor, now=timezone.now())
            return redirect(quote)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, form, _("Words, last day and deposit"), quote)


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def new_line(request: StaffRequest, quote_id: UUID) -> HttpResponseBase:
    """One more line."""
    quote = quote_or_404(quote_id)
    form = QuoteLineForm(request.POST or None, initial={"tax_rate": terms_for(quote.client).tax_rate})
    if form.is_bound and form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        key = values.pop("form_key")
        try:
            revision = latest_revision(quote)
            line = actions.add_quote_line(revision=revision, values=values, form_key=key, actor=request.actor, now=now)
            return _after_line(request, quote, line)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, form, _("Add a line"), quote, again=True)


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def edit_line(request: StaffRequest, quote_id: UUID, quote_line_id: UUID) -> HttpResponseBase:
    """Words, price and choice of a line."""
    line = quote_line_or_404(quote_id, quote_line_id)
    form = QuoteLineForm(request.POST or None, instance=line)
    if form.is_bound and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}
        try:
            row = quote_line_or_404(quote_id, quote_line_id)
            actions.edit_quote_line(line=row, values=values, actor=request.actor, now=timezone.now())
            return redirect(line.revision.quote)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, form, _("Change a line"), line.revision.quote)


@require_POST
@staff(Capability.BILLING_DRAFT)
def remove_line(request: StaffRequest, quote_id: UUID, quote_line_id: UUID) -> HttpResponseBase:
    line = quote_line_or_404(quote_id, quote_line_id)
    try:
        actions.remove_quote_line(line=line, actor=request.actor, now=timezone.now())
        messages.success(request, _("“%s” is off the quote.") % line.description)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(line.revision.quote)


@require_POST
@staff(Capability.BILLING_DRAFT)
def move_line(request: StaffRequest, quote_id: UUID, quote_line_id: UUID) -> HttpResponseBase:
    """One place up or down."""
    line = quote_line_or_404(quote_id, quote_line_id)
    try:
        up = request.POST.get("way") == "up"
        actions.move_quote_line(line=line, up=up, actor=request.actor, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(line.revision.quote)


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def evidence(request: StaffRequest, quote_id: UUID, quote_line_id: UUID) -> HttpResponseBase:
    """Why the thing has the size it has; prefilled with what is on record."""
    line = quote_line_or_404(quote_id, quote_line_id)
    quote, kept = line.revision.quote, EvidenceSheet.objects.filter(line=line).first()
    form = EvidenceForm(request.POST or None, instance=kept, initial={} if kept else start_of_sheet(line))
    if form.is_bound and form.is_valid():
        try:
            actions.save_evidence(line=line, values=form.cleaned_data, actor=request.actor, now=timezone.now())
            messages.success(request, _("The evidence is kept with the quote."))
            return redirect(quote)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, form, _("Evidence"), quote, line=line, counted=counted(quote.client))


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def settings(request: StaffRequest) -> HttpResponseBase:
    """How the shop quotes."""
    form = QuoteSettingsForm(request.POST or None, instance=quote_settings())
    if form.is_bound and form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        try:
            actions.change_quote_settings(values=values, mark=form.shown, actor=request.actor, now=now)
            messages.success(request, _("Saved. Quotes keep what they say."))
            return redirect("billing:quote-settings")
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
    return render(request, "billing/quote_settings.html", {"form": form}, status=form.status)


def _after_line(request: StaffRequest, quote: Quote, line: QuoteLine) -> HttpResponseBase:
    if "again" in request.POST:
        messages.success(request, _("“%s” is on the quote.") % line.description)
        return redirect("billing:new-quote-line", quote.pk)
    return redirect(quote)


def _page(request: StaffRequest, form: BaseForm, title: str, quote: Quote | None, **more: Any) -> HttpResponseBase:
    context = {"form": form, "title": title, "quote": quote, **more}
    return render(request, "billing/quote_form.html", context, status=422 if form.is_bound else 200)
