"""Statements of account: whose, one, as CSV and as PDF."""

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
from billing.queries.lists import shop_today
from billing.queries.statements import client_page, currencies_of, latest_pdf
from billing.rules.refusals import Refused
from clients.access import client_or_404
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.documents import response_of, table_response


@require_safe
@staff(Capability.BILLING_VIEW)
def statements(request: StaffRequest) -> HttpResponse:
    """Clients with what they owe, each with its statement."""
    words, today = typed(request.GET, "q"), shop_today(timezone.now())
    page, rows = client_page(words, today, request.GET.dict())
    return render(request, "billing/statements.html", {"page": page, "rows": rows, "words": words})


@require_safe
@staff(Capability.BILLING_VIEW)
def statement(request: StaffRequest, client_slug: str) -> HttpResponse:
    """A client's account over a period."""
    client = client_or_404(client_slug)
    found = asked_for(client, request.GET, shop_today(timezone.now()))
    context = {"s": found, "client": client, "pdf": latest_pdf(found), "currencies": currencies_of(client)}
    return render(request, "billing/statement.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest, client_slug: str) -> HttpResponse:
    """The same as CSV."""
    client = client_or_404(client_slug)
    found = asked_for(client, request.GET, shop_today(timezone.now()))
    name = f"statement-{client.slug}-{found.starts}-{found.ends}"
    return table_response(name, statement_heads(), statement_rows(found))


@require_POST
@staff(Capability.BILLING_VIEW)
def make(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    """Ask for the PDF."""
    client, now = client_or_404(client_slug), timezone.now()
    found = asked_for(client, request.POST, shop_today(now))
    try:
        actions.ask_for_statement(asked=found, actor=request.actor, now=now)
        messages.success(request, _("The PDF is being made. It appears here in a moment."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(link_to("billing:statement", found, client.slug))


@require_safe
@staff(Capability.BILLING_VIEW)
def pdf(request: StaffRequest, statement_pdf_id: UUID) -> HttpResponseBase:
    """The document."""
    return response_of(statement_pdf_or_404(statement_pdf_id), inline=True)
