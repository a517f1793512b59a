"""Which endpoints want an event, and what the pages list."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from msp.tenancy.context import current_scope
from msp.tenancy.scope import Scope
from msp.tenancy.secretbox import unseal

from .choices import DeliveryState
from .models import Delivery, Endpoint

Wanted = dict[str, list[UUID]]

# The answer for the scope that asked last: an act announces several events and asks once. Scopes are made anew for every request
# and piece of work, so nothing outlives its transaction by more than that.
_known: ContextVar[tuple[Scope, Wanted] | None] = ContextVar("webhooks_wanted", default=None)


def wanted(event: str) -> list[UUID]:
    """The endpoints of the current shop that are to be told of an event. At most one query a scope, for all events."""
    scope, known = current_scope(), _known.get()
    if known is None or known[0] is not scope:
        known = (scope, _wanted())
        _known.set(known)
    return known[1].get(event, [])


def forget_wanted() -> None:
    """What is wanted has changed."""
    _known.set(None)


def _wanted() -> Wanted:
    found: Wanted = {}
    for endpoint_id, events in Endpoint.objects.filter(paused_at=None).order_by("id").values_list("id", "events"):
        for event in events:
            found.setdefault(event, []).append(endpoint_id)
    return found


def endpoints() -> QuerySet[Endpoint]:
    """All of the shop's, by name, with how many of their deliveries wait and failed."""
    return Endpoint.objects.annotate(
        waiting=_number_of(DeliveryState.QUEUED, DeliveryState.HELD), failed=_number_of(DeliveryState.FAILED)
    ).order_by("name", "id")


def _number_of(*states: DeliveryState) -> Coalesce:
    """Counted by the index of states alone: the delivered ones are many."""
    these = Delivery.objects.filter(endpoint=OuterRef("pk"), state__in=states).order_by()
    return Coalesce(Subquery(these.values("endpoint").annotate(number=Count("pk")).values("number")), 0)


def deliveries_of(endpoint: Endpoint, state: str) -> QuerySet[Delivery]:
    """An endpoint's deliveries without their bodies, all of them or of one state."""
    found = Delivery.objects.filter(endpoint=endpoint).defer("body", "answer")
    return found.filter(state=state) if state else found


def secrets_of(endpoint: Endpoint, now: datetime) -> list[str]:
    """What signs for an endpoint at the moment, the current secret first. Raises SecretUnreadable."""
    sealed = [endpoint.secret_sealed, *([endpoint.old_secret_sealed] if endpoint.is_replacing(now) else [])]
    return [unseal(value, place=endpoint.secret_place) for value in sealed]
