"""The ticket list: tabs, filters, search, picks, table for spreadsheets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.access import client_or_404
from clients.queries import client_list
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.documents import MOST_ROWS, table_or_refusal
from msp.tenancy.keyset import page_of
from tickets.access import client_asked_for
from tickets.choices import QueueView, Status
from tickets.documents import ticket_heads, ticket_rows
from tickets.forms import QueueForm
from tickets.queries.care import boost_of
from tickets.queries.catalogue import all_fields, branches, category_choices, living_labels
from tickets.queries.presence import present_on
from tickets.queries.queues import Asked, Counts, minutes_of, open_counts, queue, rows_of, workers
from tickets.queries.ratings import satisfaction
from tickets.queries.views import views_for

from .answers import nothing_new, seen, wants_part

PANEL_SIZE = 5
NAMES = 30


def asked_by(request: StaffRequest) -> Asked:
    """The filters of the URL."""
    return asked_in(request.GET, timezone.now())


def asked_in(params: QueryDict, now: datetime) -> Asked:
    """The filters of a query string; what cannot be read counts as not asked."""
    form = QueueForm(params)
    form.is_valid()
    data = form.cleaned_data
    words, name = data.get("q", ""), data.get("client", "")
    client = client_asked_for(name, archived=True) if name else None
    return Asked(
        view=data.get("view") or (QueueView.ALL if words else QueueView.MINE),
        words=words,
        client=client,
        unknown_client="" if client else name,
        status=data.get("status", ""),
        priority=data.get("priority"),
        assignee=data.get("assignee"),
        category=data.get("category"),
        label=data.get("label"),
        opened_before=now - timedelta(days=data["older"]) if data.get("older") else None,
        due_before=now if data.get("late") else None,
    )


def counts_of(request: StaffRequest) -> Counts:
    """The numbers beside tabs and navigation, counted once a request."""
    found: Counts | None = getattr(request, "ticket_counts", None)
    if found is None:
        found = open_counts(request.membership)
        request.ticket_counts = found  # type: ignore[attr-defined]
    return found


def queue_context(request: StaffRequest, asked: Asked) -> dict[str, Any]:
    """What tickets/_queue.html shows."""
    params = {name: value for name, value in request.GET.dict().items() if value and name != "seen"}
    page = page_of(queue(asked, request.membership), order=asked.order, params=params)
    rows = rows_of(page.rows, present_on(page.rows, request.membership, timezone.now()))
    counts = counts_of(request)
    news = ((row.minutes, row.present, [label.pk for label in row.labels]) for row in rows)
    mark = seen([counts, *((ticket.pk, ticket.changed_at) for ticket in page.rows), *news])
    here = urlencode(params)
    return {"asked": asked, "page": page, "rows": rows, "tabs": _tabs(asked, counts), "seen": mark, "here": here}


@require_safe
@staff(Capability.TICKETS_VIEW)
def ticket_list(request: StaffRequest) -> HttpResponse:
    asked = asked_by(request)
    context = queue_context(request, asked) | {"picks": request.membership.can(Capability.TICKETS_WORK)}
    if unchanged := nothing_new(request, context["seen"]):
        return unchanged
    if wants_part(request):
        return render(request, "tickets/_queue.html", context)
    context |= {"form": QueueForm(request.GET), "people": workers(), "statuses": Status.choices}
    context["saved"] = views_for(request.membership)
    context |= {"categories": category_choices(branches(), ""), "labels": living_labels()}
    return render(request, "tickets/list.html", context)


@require_safe
@staff(Capability.TICKETS_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The tickets of the list with its filters as CSV."""
    asked = asked_by(request)
    found = queue(asked, request.membership).defer(None).defer("summary")
    tickets, fields = list(found.order_by(*asked.order)[: MOST_ROWS + 1]), all_fields()
    rows = ticket_rows(tickets, minutes_of(tickets), fields)
    return table_or_refusal(request, "tickets:list", f"tickets-{timezone.localdate()}", ticket_heads(fields), rows)


@require_safe
@staff(Capability.TICKETS_VIEW)
def client_names(request: StaffRequest) -> HttpResponse:
    """Names for the filter's client field, as options."""
    words = typed(request.GET, "client")
    return render(request, "tickets/_client_names.html", {"clients": client_list(words=words).order_by("name")[:NAMES]})


@require_safe
@staff(Capability.TICKETS_VIEW)
def client_panel(request: StaffRequest, client_slug: str) -> HttpResponse:
    """The client page's part about tickets."""
    client = client_or_404(client_slug)
    asked = Asked(view=QueueView.TEAM, client=client)
    tickets = list(queue(asked, request.membership).order_by("queue_at", "number")[: PANEL_SIZE + 1])
    context = {"client": client, "tickets": tickets[:PANEL_SIZE], "more": len(tickets) > PANEL_SIZE}
    context["boost"] = boost_of(client)
    context["may_assign"] = request.membership.can(Capability.TICKETS_ASSIGN)
    context["may_manage"] = request.membership.can(Capability.PEOPLE_MANAGE)
    context["satisfaction"] = satisfaction(client, timezone.now())
    return render(request, "tickets/_client_panel.html", context)


def _tabs(asked: Asked, counts: Counts) -> list[dict[str, Any]]:
    shown = [view for view in QueueView if view != QueueView.ALL or asked.view == view]
    return [
        {"label": view.label, "url": f"?view={view}", "current": asked.view == view, "count": counts.of(view)}
        for view in shown
    ]
