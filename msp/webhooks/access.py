"""Endpoints and deliveries by what a request names, in the current shop only."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from .models import Delivery, Endpoint
from .queries import endpoints


def endpoint_or_404(endpoint_id: UUID) -> Endpoint:
    return get_object_or_404(endpoints(), pk=endpoint_id)


def delivery_or_404(delivery_id: UUID) -> Delivery:
    return get_object_or_404(Delivery.objects.select_related("endpoint"), pk=delivery_id)
