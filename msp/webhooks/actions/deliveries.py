"""What people do with deliveries, and how old ones end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.tenancy.context import enter, system_scope
from msp.tenancy.ids import new_id
from msp.tenancy.models import Tenant
from msp.webhooks.choices import TEST, DeliveryState
from msp.webhooks.models import Delivery, Endpoint
from msp.webhooks.rules import envelope

KEPT_FOR = timedelta(days=30)
MOST_REPLAYED = 1000  # at one press


class NotPossible(Exception):
    """The delivery still waits, or its endpoint is paused. The text says so to a person."""


def replay(*, actor: Actor, now: datetime, delivery: Delivery) -> Delivery:
    """Send it once more as it was, under the same webhook-id: a new delivery, so that the old one keeps its answer.

    Raises NotPossible while it waits by itself and while its endpoint is paused.
    """
    with transaction.atomic():
        if not delivery.can_be_replayed:
            raise NotPossible(_("This delivery still waits. It goes out by itself."))
        _check_going(delivery.endpoint)
        again = Delivery.objects.create(
            endpoint_id=delivery.endpoint_id, event=delivery.event, event_id=delivery.event_id,
            subject_id=delivery.subject_id, happened_at=delivery.happened_at, body=delivery.body,
            replayed_by=actor.name, created_at=now, due_at=now,
        )  # fmt: skip
        data = {"name": delivery.endpoint.name, "event": delivery.event}
        record(actor=actor, verb="webhook.replayed", subject=delivery.endpoint, now=now, data=data)
        ring("webhooks")
    return again


def replay_failed(*, actor: Actor, now: datetime, endpoint: Endpoint) -> int:
    """Send again what failed, the oldest first: the rows themselves, with all their tries. Returns how many.

    Raises NotPossible while the endpoint is paused.
    """
    with transaction.atomic():
        _check_going(endpoint)
        failed = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.FAILED).order_by("created_at", "id")
        rows = Delivery.objects.filter(pk__in=failed.values("pk")[:MOST_REPLAYED], state=DeliveryState.FAILED)
        number = rows.update(state=DeliveryState.QUEUED, due_at=now, attempts=0, finished_at=None)
        if number:
            data = {"name": endpoint.name, "number": number}
            record(actor=actor, verb="webhook.replayed_failed", subject=endpoint, now=now, data=data)
            ring("webhooks")
    return number


def send_test(*, actor: Actor, now: datetime, endpoint: Endpoint) -> Delivery:
    """Send an event that means nothing. Raises NotPossible while the endpoint is paused."""
    with transaction.atomic():
        _check_going(endpoint)
        event_id = new_id()
        data = {"endpoint": endpoint.name, "asked_by": actor.name}
        test = Delivery.objects.create(
            endpoint=endpoint, event=TEST, event_id=event_id, happened_at=now, created_at=now, due_at=now,
            body=envelope(event_id=event_id, event=TEST, at=now, data=data),
        )  # fmt: skip
        record(actor=actor, verb="webhook.tested", subject=endpoint, now=now, data={"name": endpoint.name})
        ring("webhooks")
    return test


def delete_old_deliveries(now: datetime) -> int:
    """Deliveries of every shop that have been at rest for KEPT_FOR, and secrets that sign no more; returns how many deliveries."""
    deleted = 0
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        with enter(system_scope(tenant_id)):
            old = Delivery.objects.filter(created_at__lte=now - KEPT_FOR, finished_at__isnull=False)
            deleted += old.delete()[0]
            Endpoint.objects.filter(old_secret_until__lte=now).update(old_secret_sealed="", old_secret_until=None)
    return deleted


def _check_going(endpoint: Endpoint) -> None:
    if endpoint.is_paused:
        raise NotPossible(_("This webhook is paused. Let it go on first."))
