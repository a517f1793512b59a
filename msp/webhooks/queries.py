"""Which endpoints want an event, and what the pages list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from msp.tenancy.kept import kept
from msp.tenancy.secretbox import unseal

from .choices import DeliveryState
from .models import Delivery, Endpoint


def wanted(event: str) -> list[UUID]:
    """The endpoints of the current shop that are to be told of an event. One query a scope, for all events."""
    return _wanted().get(event, [])


@kept(Endpoint)
def _wanted() -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
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
