"""What happened, written down for every endpoint that wants to know: in the transaction of the act, so both are there or neither."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from msp.jobs.actions import ring
from msp.tenancy.ids import new_id
from msp.tenancy.models import current_tenant
from msp.webhooks.choices import DeliveryState
from msp.webhooks.models import Delivery
from msp.webhooks.queries import wanted
from msp.webhooks.registry import EVENTS
from msp.webhooks.rules import envelope


def announce(
    *,
    event: str,
    subject_id: UUID,
    now: datetime,
    data: Callable[[], Mapping[str, Any]],
    leaves_at: datetime | None = None,
) -> None:
    """Let the shop's endpoints know of an event. For a shop without any this is one small query a scope, and `data` is not called.

    `data` is what the event says, ready for JSON; its `url`, a path of ours, becomes an address. The same event about the same subject
    at the same `now` is one: the later one speaks, and what the first said `changed` is added. `leaves_at` keeps it here for so long,
    for what may still be recalled. Raises KeyError for an event that nobody offered.
    """
    EVENTS[event]
    endpoint_ids = wanted(event)
    if not endpoint_ids:
        return
    said = dict(data())
    if said.get("url"):
        said["url"] = current_tenant().absolute_url(str(said["url"]))
    with transaction.atomic():
        first = _of_this_act(event, subject_id, now)
        event_id = first.event_id if first else new_id()
        if first and "changed" in said:
            earlier = json.loads(first.body)["data"].get("changed", [])
            said["changed"] = list(dict.fromkeys([*earlier, *said["changed"]]))
        body = envelope(event_id=event_id, event=event, at=now, data=said)
        if first:
            Delivery.objects.filter(event_id=event_id, state=DeliveryState.QUEUED, attempts=0).update(body=body)
            return
        given = {"event": event, "event_id": event_id, "subject_id": subject_id, "happened_at": now, "created_at": now}
        Delivery.objects.bulk_create(
            Delivery(endpoint_id=endpoint_id, due_at=leaves_at or now, body=body, **given)
            for endpoint_id in endpoint_ids
        )
        ring("webhooks")


def recall(*, event: str, subject_id: UUID, now: datetime) -> None:
    """What was announced about the subject and has not left yet stays here: it did not happen after all."""
    if wanted(event):
        waiting = Delivery.objects.filter(
            subject_id=subject_id, event=event, state=DeliveryState.QUEUED, attempts=0, lease_until=None
        )
        waiting.update(state=DeliveryState.CANCELLED, finished_at=now)


def _of_this_act(event: str, subject_id: UUID, now: datetime) -> Delivery | None:
    """What the same act has announced already: nobody else acts on the subject at the very same time."""
    mine = Delivery.objects.filter(
        subject_id=subject_id, event=event, happened_at=now, state=DeliveryState.QUEUED, attempts=0, lease_until=None
    )
    return mine.order_by("id").first()
