"""Service levels: what is promised by priority, to whom, and the clocks that run on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Promise, Site
from clients.rules.holidays import Terms
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from tickets.choices import ClockKind, ExclusionState, Priority
from tickets.rules.clocks import Course, Pause

from .tickets import Ticket

LONGEST_TARGET = 60 * 24 * 366  # minutes


class SlaPolicy(TenantModel):
    """A set of targets. One is the shop's default; clients and sites may be assigned another."""

    name = models.CharField(_("name"), max_length=80)
    is_default = models.BooleanField(default=False, editable=False)
    supplier_pauses = models.BooleanField(_("waiting for a supplier stops the time to solve"), default=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("service level policy")
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_default=True), name="sla_policy_one_default"),
            models.UniqueConstraint(fields=["tenant", "name"], condition=Q(archived_at=None), name="sla_policy_name"),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(archived_at=None), name="sla_policy_default_lives"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tickets:edit-sla-policy", kwargs={"sla_policy_id": self.pk})


class SlaTarget(TenantModel):
    """What a policy promises at one priority, in minutes; null promises nothing. `always`: around the clock."""

    policy = TenantForeignKey(SlaPolicy, on_delete=models.CASCADE, related_name="targets")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices)
    first_response = models.PositiveIntegerField(null=True)
    next_update = models.PositiveIntegerField(null=True)
    resolution = models.PositiveIntegerField(null=True)
    always = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "policy", "priority"], name="sla_target_once"),
            *(
                models.CheckConstraint(
                    condition=Q(**{kind: None}) | Q(**{f"{kind}__gte": 1, f"{kind}__lte": LONGEST_TARGET}),
                    name=f"sla_target_{kind}",
                )
                for kind in ("first_response", "next_update", "resolution")
            ),
        ]

    def minutes(self, kind: str) -> int | None:
        found: int | None = getattr(self, kind)
        return found


class SlaAssignment(TenantModel):
    """A client, or one of its sites, has a policy of its own."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    site = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="+", null=True)
    policy = TenantForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="assignments")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "client"], condition=Q(site=None), name="sla_assignment_client"),
            models.UniqueConstraint(
                fields=["tenant", "site"], condition=Q(site__isnull=False), name="sla_assignment_site"
            ),
        ]


class SlaClock(TenantModel):
    """A promise of a ticket's with what its deadline was computed from: target, the terms of the calendar it began with, pauses.

    `target_minutes` is null where a person said the time. `took_minutes` is service time from start to end, pauses left out.
    """

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="clocks")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    promise = TenantForeignKey(Promise, on_delete=models.PROTECT, related_name="+")
    policy = TenantForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=16, choices=ClockKind.choices)
    ordinal = models.PositiveIntegerField(default=1)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices)  # the one that its target is for
    target_minutes = models.PositiveIntegerField(null=True)
    always = models.BooleanField(default=False)
    supplier_pauses = models.BooleanField(default=False)
    terms = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    pauses = models.JSONField(default=list)  # since, until, because
    ended_at = models.DateTimeField(null=True)
    took_minutes = models.PositiveIntegerField(null=True)
    exclusion = models.CharField(max_length=10, choices=ExclusionState.choices, blank=True)
    exclusion_because = models.CharField(max_length=400, blank=True)
    exclusion_asked_by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    exclusion_asked_at = models.DateTimeField(null=True)
    exclusion_decided_by = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    exclusion_decided_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "started_at"], name="sla_clock_started"),
            models.Index(
                fields=["tenant", "exclusion_asked_at"], name="sla_clock_asked", condition=Q(exclusion="asked")
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ticket", "kind", "ordinal"], name="sla_clock_once"),
            models.UniqueConstraint(fields=["tenant", "promise"], name="sla_clock_promise"),
            models.CheckConstraint(
                condition=Q(exclusion="")
                | Q(exclusion_asked_by__isnull=False, exclusion_asked_at__isnull=False, exclusion_because__gt=""),
                name="sla_clock_exclusion_is_asked",
            ),
            models.CheckConstraint(
                condition=Q(exclusion_decided_by=None) | ~Q(exclusion_decided_by=models.F("exclusion_asked_by")),
                name="sla_clock_exclusion_two_people",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_by_hand(self) -> bool:
        return self.target_minutes is None

    @property
    def is_ended(self) -> bool:
        return self.ended_at is not None

    @property
    def pause_list(self) -> list[Pause]:
        return [
            Pause(datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None, because)
            for since, until, because in self.pauses
        ]

    def set_pauses(self, pauses: Sequence[Pause]) -> None:
        self.pauses = [[p.since.isoformat(), p.until.isoformat() if p.until else None, p.because] for p in pauses]

    @property
    def course(self) -> Course:
        calendar = Terms.from_json(self.terms).calendar(always=self.always)
        return Course(calendar, self.started_at, self.target_minutes or 0, self.pause_list)


class SupplierWait(TenantModel):
    """A ticket waits for somebody we bought from: who, their number for it, and when they said it would be done."""

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="supplier_waits")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    supplier = models.CharField(_("supplier"), max_length=120, blank=True)
    reference = models.CharField(_("their ticket number"), max_length=80, blank=True)
    promised_at = models.DateTimeField(_("promised for"), null=True, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "ticket"], condition=Q(ended_at=None), name="supplier_wait_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.supplier
