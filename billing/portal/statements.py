"""The client's own account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access import statement_pdf_or_404
from billing.documents.statement import statement_heads, statement_rows
from billing.forms.statements import asked_for, link_to
from billing.queries.statements import currencies_of, latest_pdf
from billing.rules.refusals import Refused
from clients.access import own_client
from msp.accounts.choices import PortalCapability
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.files.documents import response_of, table_response
from msp.tenancy.context import on_behalf


@require_safe
@portal(PortalCapability.INVOICES)
def statement(request: PortalRequest) -> HttpResponse:
    """What was charged, paid and credited over a period."""
    client = own_client()
    found = asked_for(client, request.GET, timezone.localdate())
    context = {"s": found, "client": client, "pdf": latest_pdf(found), "currencies": currencies_of(client)}
    return render(request, "billing/portal_statement.html", context)


@require_safe
@portal(PortalCapability.INVOICES)
def export(request: PortalRequest) -> HttpResponse:
    """The same as CSV."""
    found = asked_for(own_client(), request.GET, timezone.localdate())
    return table_response(f"statement-{found.starts}-{found.ends}", statement_heads(), statement_rows(found))


@require_POST
@portal(PortalCapability.INVOICES)
def make(request: PortalRequest) -> HttpResponseBase:
    """Ask for the PDF."""
    found = asked_for(own_client(), request.POST, timezone.localdate())
    try:
        with on_behalf():
            actions.ask_for_statement(asked=found, actor=request.actor, now=timezone.now())
        messages.success(request, _("The PDF is being made. It appears here in a moment."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(link_to("billing:portal-statement", found))


@require_safe
@portal(PortalCapability.INVOICES)
def pdf(request: PortalRequest, statement_pdf_id: UUID) -> HttpResponseBase:
    """The document, to keep."""
    return response_of(statement_pdf_or_404(statement_pdf_id))
