"""The shop's activity, and the panel of one object."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, wants_part
from msp.tenancy.keyset import page_of

from .access import check_readable
from .forms import LogFilter
from .queries import activity, last_seal, log

NEWEST = ("-at", "-id")
PANEL = 15  # entries


@require_safe
@staff(Capability.AUDIT_VIEW)
def shop_log(request: StaffRequest) -> HttpResponse:
    form = LogFilter(request.GET)
    page = page_of(log(**form.filters()), order=NEWEST, params=request.GET.dict())
    return render(request, "audit/log.html", {"form": form, "page": page, "seal": last_seal()})


@require_safe
@staff(None)
def panel(request: StaffRequest, subject_kind: str, subject_id: UUID) -> HttpResponse:
    """What happened to one object: a fragment for its page, or a page of its own without JavaScript."""
    check_readable(request, subject_kind, subject_id)
    page = page_of(activity(subject_kind, subject_id), order=NEWEST, params=request.GET.dict(), size=PANEL)
    template = "ui/activity.html" if wants_part(request) else "audit/panel.html"
    return render(request, template, {"entries": page.rows, "older": page.next and request.path + page.next})
