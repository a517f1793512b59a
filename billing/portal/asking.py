"""The client asks about one line, reads the answer, and says whether that clears it up."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access import issued_line_or_404, query_or_404
from billing.forms.asking import QueryForm
from billing.models import InvoiceLine, LineQuery
from billing.queries.asking import said_about
from billing.rules.refusals import Refused
from clients.models import Contact
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf


@require_http_methods(["GET", "HEAD", "POST"])
@portal(PortalCapability.INVOICES)
def ask(request: PortalRequest, invoice_id: UUID, line_id: UUID) -> HttpResponseBase:
    """Query this line."""
    line = issued_line_or_404(invoice_id, line_id)
    if asked := LineQuery.objects.filter(line=line).first():
        return _more(request, asked)
    form = QueryForm(request.POST or None)
    if form.is_bound and form.is_valid() and (query := _ask(request, line, form)):
        return redirect("billing:portal-query", query.pk)
    context = {"line": line, "invoice": line.invoice, "form": form}
    return render(request, "billing/portal_ask.html", context, status=422 if form.is_bound else 200)


@require_safe
@portal(PortalCapability.INVOICES)
def query(request: PortalRequest, line_query_id: UUID) -> HttpResponse:
    return _page(request, query_or_404(line_query_id), QueryForm())


@require_POST
@portal(PortalCapability.INVOICES)
def say(request: PortalRequest, line_query_id: UUID) -> HttpResponseBase:
    """More about the same line."""
    return _more(request, query_or_404(line_query_id))


@require_POST
@portal(PortalCapability.INVOICES)
def settle(request: PortalRequest, line_query_id: UUID) -> HttpResponseBase:
    """The answer clears it up, or, with `withdraw`, it was a mistake to ask."""
    found = query_or_404(line_query_id)
    act = actions.withdraw_query if "withdraw" in request.POST else actions.clear_query
    try:
        with on_behalf():
            act(query=found, actor=request.actor, now=timezone.now())
        messages.success(request, _("Thank you. The line is part of the invoice again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing:portal-query", found.pk)


def _more(request: PortalRequest, found: LineQuery) -> HttpResponseBase:
    if request.method != "POST":
        return redirect("billing:portal-query", found.pk)
    form = QueryForm(request.POST)
    if form.is_valid() and _ask(request, issued_line_or_404(found.invoice_id, found.line_id), form):
        return redirect("billing:portal-query", found.pk)
    return _page(request, query_or_404(found.pk), form)


def _ask(request: PortalRequest, line: InvoiceLine, form: QueryForm) -> LineQuery | None:
    contact = Contact.objects.select_related("site").get(pk=request.identity.contact_id)
    try:
        with on_behalf():
            made = actions.ask_about_line(
                line=line, contact=contact, actor=request.actor, now=timezone.now(), **form.cleaned_data
            )
    except Refused as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, _("Thank you. The line is on hold until we have answered."))
    return made


def _page(request: PortalRequest, found: LineQuery, form: QueryForm) -> HttpResponse:
    today = timezone.localdate()
    context = {"query": found, "said": said_about(found), "form": form, "holds": found.is_holding(today)}
    return render(request, "billing/portal_query.html", context, status=422 if form.is_bound else 200)


routes = [
    path("portal/invoices/<uuid:invoice_id>/lines/<uuid:line_id>/query/", ask, name="portal-ask"),
    path("portal/invoices/queries/<uuid:line_query_id>/", query, name="portal-query"),
    path("portal/invoices/queries/<uuid:line_query_id>/say/", say, name="portal-query-say"),
    path("portal/invoices/queries/<uuid:line_query_id>/settle/", settle, name="portal-query-settle"),
]
