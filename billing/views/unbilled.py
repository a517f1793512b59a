"""Finished work that is on no invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.models import Invoice
from billing.queries.terms import shop
from billing.queries.waiting import waits_of
from billing.queries.work import ClientWork, clients_with_open_time, finished_work, open_work
from billing.rules import money
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, nothing_new, seen, wants_part
from msp.tenancy.ids import id_from
from msp.tenancy.keyset import page_of

SHOWN = 100  # clients on the page; drafting them makes room for the next


@require_safe
@staff(Capability.BILLING_VIEW)
def unbilled(request: StaffRequest) -> HttpResponse:
    """What was finished and is on no invoice, by client."""
    work = _with_reasons(finished_work(), timezone.now())
    mark = seen((row.client.pk, row.client.name, row.terms, row.tickets, row.waits) for row in work)
    if (same := nothing_new(request, mark)) is not None:
        return same
    context = _glance(work) | {
        "tabs": _tabs("billing:unbilled"),
        "finished": work[:SHOWN],
        "is_cut": len(work) > SHOWN,
        "lacks_rate": not all(row.terms.is_complete for row in work),
        "seen": mark,
    }
    return render(request, f"billing/{'_' if wants_part(request) else ''}unbilled.html", context)


def _with_reasons(work: list[ClientWork], now: datetime) -> list[ClientWork]:
    """The shown ones with why they wait."""
    waits = waits_of(work[:SHOWN], now)
    return [replace(row, waits=waits.get(row.client.pk)) for row in work]


def _glance(work: list[ClientWork]) -> dict[str, object]:
    """The sums above the list, over all of it."""
    currency = shop().defaults.currency
    return {
        "clients": len(work),
        "currency": currency,
        "total": _total(work, currency),
        "others": any(row.terms.currency != currency for row in work),
        "oldest": work[0] if work else None,
        "tickets": sum(len(row.tickets) for row in work),
    }


@require_safe
@staff(Capability.BILLING_VIEW)
def still_open(request: StaffRequest) -> HttpResponse:
    """Billable time on tickets that are not solved yet, by client."""
    page = page_of(clients_with_open_time(), order=("name", "id"), params=request.GET)
    context = {"tabs": _tabs("billing:unbilled-open"), "page": page, "work": open_work(page.rows)}
    return render(request, "billing/unbilled_open.html", context)


def _tabs(current: str) -> list[dict[str, object]]:
    names = {"billing:unbilled": _("Finished"), "billing:unbilled-open": _("Still open")}
    return [{"label": label, "url": reverse(name), "current": name == current} for name, label in names.items()]


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
    return list(Client.objects.filter(pk__in=filter(None, map(id_from, asked))).order_by("name"))


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
