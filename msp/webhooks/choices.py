"""States of a delivery, and the house's own event."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

TEST = "webhook.test"  # goes to the endpoint that a person tries, whatever it subscribed


class DeliveryState(models.TextChoices):
    """`held`: its endpoint is paused; it goes out when the endpoint goes on."""

    QUEUED = "queued", _("Waiting")
    HELD = "held", _("Held back")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class EndpointState(models.TextChoices):
    """How an endpoint does, as its columns tell."""

    NEW = "new", _("Nothing sent yet")
    WORKS = "works", _("Works")
    FAILING = "failing", _("Failing")
    PAUSED = "paused", _("Paused")
