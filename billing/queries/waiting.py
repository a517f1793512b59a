"""Why the clients' finished work is not billed yet, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.choices import Status
from billing.models import FinishedWork, Part
from billing.rules.clock import promised_at
from billing.rules.waiting import Waits, WorkFacts, why_not_billed
from msp.jobs.choices import DueState

from .clock import Piece, clock_terms_of, key_of, key_of_row
from .work import ClientWork


def waits_of(work: Sequence[ClientWork], now: datetime) -> dict[UUID, Waits]:
    """Client id → why its longest finished work waits. About six queries for any number of clients."""
    clients = [row.client for row in work]
    terms = clock_terms_of(clients, now)
    rows: dict[UUID, dict[object, FinishedWork]] = defaultdict(dict)
    open_rows = FinishedWork.objects.filter(client__in=clients, settled_at=None, agreement=None).select_related(
        "invoice"
    )
    for each in open_rows.order_by("id"):
        rows[each.client_id][key_of_row(each)] = each
    parts = dict(
        Part.objects.unbilled()
        .filter(client__in=clients, ticket__solved_at__isnull=False, needs_approval=True, approved_by="")
        .values_list("client", "description")
    )
    found = {}
    for mine in work:
        pk, first = mine.client.pk, mine.tickets[0]
        known = rows[pk].get(key_of(Piece(first.ticket_id, first.finished_at), terms[pk]))
        facts = WorkFacts(
            lacks_rate=mine.lacks_rate,
            lacks_tax=mine.lacks_tax,
            waiting_part=parts.get(pk, ""),
            automatic=terms[pk].automatic,
            grouping=terms[pk].grouping,
            **_facts_of(known),
        )
        since = known.clock_from if known else first.finished_at
        found[pk] = replace(why_not_billed(facts), send_by=promised_at(since, terms[pk]))
    return found


def _facts_of(row: FinishedWork | None) -> dict[str, Any]:
    """What the clock knows of the work."""
    if row is None:
        return {}
    if row.state == DueState.QUEUED:
        return {"drafted_at": row.due_at, "refused": row.last_error}
    status = row.invoice.status if row.invoice else ""
    return {"discarded": status == Status.DISCARDED, "on_draft": status not in ("", Status.DISCARDED)}
