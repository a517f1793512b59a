"""What people do with the endpoints of their shop."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.tenancy.context import current_scope
from msp.tenancy.secretbox import seal
from msp.webhooks.choices import DeliveryState
from msp.webhooks.models import Delivery, Endpoint
from msp.webhooks.queries import secrets_of
from msp.webhooks.rules import OVERLAP, SECRET_BYTES, new_secret


def add_endpoint(*, actor: Actor, now: datetime, name: str, url: str, events: Sequence[str]) -> Endpoint:
    """Tell an address of events from now on, signed with a fresh secret."""
    with transaction.atomic():
        endpoint = Endpoint(name=name, url=url, events=list(events), created_at=now)
        endpoint.tenant_id = current_scope().tenant_id
        endpoint.secret_sealed = _fresh(endpoint)
        endpoint.save(force_insert=True)
        _say(actor, now, endpoint, "added")
    return endpoint


def change_endpoint(
    *, actor: Actor, now: datetime, endpoint: Endpoint, name: str, url: str, events: Sequence[str]
) -> Endpoint:
    """Change what it is called, where it is and what it is told. At another address it is as if nothing had failed."""
    with transaction.atomic():
        endpoint = _hold(endpoint)
        if endpoint.url != url:
            _begin_anew(endpoint)
        endpoint.name, endpoint.url, endpoint.events = name, url, list(events)
        endpoint.save()
        _say(actor, now, endpoint, "changed")
    return endpoint


def rotate_secret(*, actor: Actor, now: datetime, endpoint: Endpoint) -> Endpoint:
    """Sign with a fresh secret from now on, and for OVERLAP with the one it replaces, too."""
    with transaction.atomic():
        endpoint = _hold(endpoint)
        endpoint.old_secret_sealed, endpoint.old_secret_until = endpoint.secret_sealed, now + OVERLAP
        endpoint.secret_sealed = _fresh(endpoint)
        endpoint.save(update_fields=["secret_sealed", "old_secret_sealed", "old_secret_until"])
        _say(actor, now, endpoint, "secret_rotated")
    return endpoint


def end_old_secret(*, actor: Actor, now: datetime, endpoint: Endpoint) -> Endpoint:
    """The replaced secret signs no more: it became known, or every receiver has the new one."""
    with transaction.atomic():
        endpoint = _hold(endpoint)
        if endpoint.old_secret_until is not None:
            endpoint.old_secret_sealed, endpoint.old_secret_until = "", None
            endpoint.save(update_fields=["old_secret_sealed", "old_secret_until"])
            _say(actor, now, endpoint, "secret_ended")
    return endpoint


def show_secret(*, actor: Actor, now: datetime, endpoint: Endpoint) -> str:
    """The current secret, for a person to give to the receiver; that they looked is written down. Raises SecretUnreadable."""
    with transaction.atomic():
        _say(actor, now, endpoint, "secret_shown")
        return secrets_of(endpoint, now)[0]


def pause_endpoint(*, actor: Actor, now: datetime, endpoint: Endpoint) -> Endpoint:
    """Send nothing there. What waits is held back; what happens meanwhile is not written down for it."""
    with transaction.atomic():
        endpoint = _hold(endpoint)
        if not endpoint.is_paused:
            endpoint.paused_at, endpoint.paused_because = now, ""
            endpoint.save(update_fields=["paused_at", "paused_because"])
            _say(actor, now, endpoint, "paused")
    return endpoint


def resume_endpoint(*, actor: Actor, now: datetime, endpoint: Endpoint) -> Endpoint:
    """Let it go on, with all that was held back or waited to be tried again, and as if nothing had failed."""
    with transaction.atomic():
        endpoint = _hold(endpoint)
        if endpoint.is_paused:
            endpoint.paused_at, endpoint.paused_because = None, ""
            _begin_anew(endpoint)
            endpoint.save()
            held = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.HELD)
            held.update(state=DeliveryState.QUEUED, due_at=now, attempts=0, lease_until=None)
            # No worker can have these: whoever holds a delivery asks for the endpoint, which is ours at this moment.
            waiting = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.QUEUED, lease_until=None)
            waiting.filter(due_at__gt=now, attempts__gt=0).update(due_at=now, attempts=0)
            _say(actor, now, endpoint, "resumed")
            ring("webhooks")
    return endpoint


def delete_endpoint(*, actor: Actor, now: datetime, endpoint: Endpoint) -> None:
    """Forget it with everything that was sent there."""
    with transaction.atomic():
        _say(actor, now, endpoint, "deleted")
        # Not locked first: a worker holds its delivery and then asks for the endpoint.
        endpoint.delete()


def _hold(endpoint: Endpoint) -> Endpoint:
    return Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


def _begin_anew(endpoint: Endpoint) -> None:
    endpoint.failures, endpoint.failing_since, endpoint.last_error, endpoint.rests_until = 0, None, "", None


def _fresh(endpoint: Endpoint) -> str:
    return seal(new_secret(secrets.token_bytes(SECRET_BYTES)), place=endpoint.secret_place)


def _say(actor: Actor, now: datetime, endpoint: Endpoint, verb: str) -> None:
    record(actor=actor, verb=f"webhook.{verb}", subject=endpoint, now=now, data={"name": endpoint.name})
