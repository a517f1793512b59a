"""Finished work that is on no invoice."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.models import Invoice
from billing.queries.terms import shop
from billing.queries.work import ClientWork, unbilled_work
from billing.rules import money
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets.views.answers import nothing_new, seen, wants_part


@require_safe
@staff(Capability.BILLING_VIEW)
def unbilled(request: StaffRequest) -> HttpResponse:
    """What was finished and is on no invoice, by client; below it what is still open."""
    work = unbilled_work()
    mark = seen((row.client.pk, row.client.name, row.terms, row.tickets) for row in work)
    if (same := nothing_new(request, mark)) is not None:
        return same
    currency = shop().defaults.currency
    finished = [row for row in work if row.finished]
    context = {
        "finished": finished,
        "open_work": [row for row in work if row.unfinished],
        "currency": currency,
        "total": _total(finished, currency),
        "others": any(row.terms.currency != currency for row in finished),
        "oldest": finished[0] if finished else None,
        "tickets": sum(len(row.finished) for row in finished),
        "lacks_rate": any(row.lacks_rate or row.lacks_tax for row in work),
        "seen": mark,
    }
    return render(request, f"billing/{'_' if wants_part(request) else ''}unbilled.html", context)


@require_POST
@staff(Capability.BILLING_DRAFT)
def draft(request: StaffRequest) -> HttpResponseBase:
    """Draft an invoice for each picked client; `only` (a row's own button) wins over the picks."""
    asked = request.POST.getlist("only") or request.POST.getlist("pick")
    drafted = _draft_each(request, _clients(asked), with_open="with_open" in request.POST)
    if not drafted:
        if not asked:
            messages.error(request, _("Pick a client first."))
        return redirect("billing:unbilled")
    text = ngettext("%d draft is ready to be checked.", "%d drafts are ready to be checked.", len(drafted))
    messages.success(request, text % len(drafted))
    return redirect(drafted[0] if len(drafted) == 1 else "billing:review")


def _clients(asked: list[str]) -> list[Client]:
    ids = [UUID(text) for text in asked if _is_uuid(text)]
    return list(Client.objects.filter(pk__in=ids).order_by("name"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _draft_each(request: StaffRequest, clients: list[Client], *, with_open: bool) -> list[Invoice]:
    """One refusal does not stop the others; it is said by name."""
    drafted = []
    for client in clients:
        try:
            drafted.append(
                actions.draft_invoice(
                    client=client, actor=request.actor, now=timezone.now(), with_open_tickets=with_open
                )
            )
        except Refused as refused:
            messages.error(request, f"{client.name}: {refused}")
    return drafted


def _total(work: list[ClientWork], currency: str) -> object:
    amounts = [row.amount for row in work if row.terms.currency == currency and row.amount is not None]
    return sum(amounts, money.ZERO)
