"""Where a shop's events go, and each event on its way there."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .choices import DeliveryState, EndpointState


class Endpoint(TenantModel):
    """An address that the shop wants told of events. Its signing secrets are sealed for this row.

    `failures` counts in a row, over all its deliveries. Until `rests_until` nothing more is sent: it was slow, or it fails and is being
    tried at this moment.
    """

    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    events = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    secret_sealed = models.TextField(editable=False)
    old_secret_sealed = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_because = models.CharField(max_length=300, blank=True, editable=False)  # "" when a person paused it
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)  # the last time that something got through
    rests_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [models.Index(fields=["tenant", "name", "id"], name="endpoint_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None) | Q(failures__gt=0, failing_since__isnull=False),
                name="endpoint_failing_since",
            ),
            models.CheckConstraint(
                condition=Q(old_secret_sealed="", old_secret_until=None)
                | ~Q(old_secret_sealed="") & Q(old_secret_until__isnull=False),
                name="endpoint_old_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(paused_because="") | Q(paused_at__isnull=False), name="endpoint_paused_because"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("webhooks:endpoint", kwargs={"endpoint_id": self.pk})

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def state(self) -> EndpointState:
        if self.is_paused:
            return EndpointState.PAUSED
        if self.failures:
            return EndpointState.FAILING
        return EndpointState.WORKS if self.delivered_at else EndpointState.NEW

    @property
    def secret_place(self) -> tuple[str, ...]:
        """Where its secrets are sealed for: the old one stays as it was when it was the current one."""
        return ("webhooks.Endpoint", str(self.tenant_id), str(self.pk), "secret")

    def is_replacing(self, now: datetime) -> bool:
        """Whether the old secret still signs, too."""
        return self.old_secret_until is not None and self.old_secret_until > now


class Delivery(DueRow):
    """One event on its way to one endpoint. `event_id` is the event's own, the same at every endpoint, try and replay.

    `body` is what is sent, to the byte. Status, answer and time are those of the last try.
    """

    open_states: ClassVar[tuple[str, ...]] = (DeliveryState.QUEUED,)
    resting_states: ClassVar[tuple[str, ...]] = (DeliveryState.HELD,)
    dead_state: ClassVar[str] = DeliveryState.FAILED
    lost_states: ClassVar[tuple[str, ...]] = (DeliveryState.FAILED,)

    endpoint = TenantForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    event = models.CharField(max_length=60)
    event_id = models.UUIDField()
    subject_id = models.UUIDField(null=True)
    happened_at = models.DateTimeField()
    body = models.TextField()
    replayed_by = models.CharField(max_length=120, blank=True)  # who had it sent once more; "" for the first one
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(null=True)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            *due_indexes("delivery", (DeliveryState.QUEUED,)),
            models.Index(fields=["tenant", "endpoint", "-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["tenant", "endpoint", "state", "-created_at", "-id"], name="delivery_state_newest"),
            # An act's second word about the same thing finds the first; calling a message back finds what waits.
            models.Index(
                fields=["tenant", "subject_id", "event"], name="delivery_waiting", condition=Q(state="queued")
            ),
            models.Index(fields=["tenant", "created_at"], name="delivery_age"),
        ]
        constraints = [due_constraint("delivery", (DeliveryState.QUEUED,), (DeliveryState.HELD,))]

    def __str__(self) -> str:
        return self.event

    def get_absolute_url(self) -> str:
        return reverse("webhooks:delivery", kwargs={"delivery_id": self.pk})

    @property
    def can_be_replayed(self) -> bool:
        """What still waits goes out by itself."""
        return self.state in (DeliveryState.DELIVERED, DeliveryState.FAILED)
