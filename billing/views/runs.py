"""Month end: all clients drafted at once, and how far that is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access import run_or_404
from billing.queries.runs import clients_waiting, progress_of, refusals_of, runs
from billing.queries.terms import shop
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, nothing_new, seen, wants_part


def _month_began(now: datetime) -> datetime:
    """Midnight of the first of this month in the shop's zone: what was finished before it belongs to the months that are over."""
    local = now.astimezone(ZoneInfo(shop().identity.zone))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@require_safe
@staff(Capability.BILLING_VIEW)
def month_ends(request: StaffRequest) -> HttpResponse:
    """What a month end would do now, and those before."""
    now = timezone.now()
    began = _month_began(now)
    counts = {"last": clients_waiting(began), "all": clients_waiting(now)}
    return render(request, "billing/runs.html", {"runs": runs(), "counts": counts, "began": began})


@require_POST
@staff(Capability.BILLING_DRAFT)
def start(request: StaffRequest) -> HttpResponseBase:
    now = timezone.now()
    until = now if request.POST.get("until") == "now" else _month_began(now)
    try:
        return redirect(actions.start_run(until=until, actor=request.actor, now=now))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("billing:runs")


@require_safe
@staff(Capability.BILLING_VIEW)
def run(request: StaffRequest, billing_run_id: UUID) -> HttpResponse:
    """How far it is, followed while workers draft."""
    progress = progress_of(run_or_404(billing_run_id))
    mark = seen([progress.total, progress.drafted, progress.refused, progress.failed])
    if (same := nothing_new(request, mark)) is not None:
        return same
    context = {"p": progress, "refused": refusals_of(progress.run), "seen": mark, "title": _("Month end")}
    return render(request, f"billing/{'_' if wants_part(request) else ''}run.html", context)


routes = [
    path("billing/month-end/", month_ends, name="runs"),
    path("billing/month-end/start/", start, name="start-run"),
    path("billing/month-end/<uuid:billing_run_id>/", run, name="run"),
]
