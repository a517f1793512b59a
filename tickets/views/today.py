"""The technician's day at a glance."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets.choices import QueueView
from tickets.queries.days import day_of, waiting_on
from tickets.queries.queues import Asked

from .answers import nothing_new, seen, wants_part
from .queues import counts_of, queue_context
from .timers import timer_of_request


@require_safe
@staff(Capability.TICKETS_WORK)
def today(request: StaffRequest) -> HttpResponse:
    context = _context(request)
    if unchanged := nothing_new(request, context["today_seen"]):
        return unchanged
    return render(request, "tickets/_today.html" if wants_part(request) else "tickets/today.html", context)


def _context(request: StaffRequest) -> dict[str, Any]:
    now, me = timezone.now(), request.membership
    day = day_of(me, timezone.localdate(now), now, timer_of_request(request))
    shown = queue_context(request, Asked(view=QueueView.MINE))
    waiting, counts = waiting_on(me), counts_of(request)
    # Gaps grow by the minute: what counts as news is what was logged, who waits, and the queue.
    mark = seen([shown["seen"], waiting, [(e.pk, e.minutes) for e in day.entries], now.hour])
    return shown | {"now": now, "day": day, "waiting": waiting, "counts": counts, "today_seen": mark}
