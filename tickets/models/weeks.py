"""A person's week of time, handed in and approved."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from tickets.choices import WeekState


class TimeWeekQuerySet(TenantQuerySet["TimeWeek"]):
    def approved_at_time(self, member: Membership, moment: datetime) -> Self:
        """The member's approved weeks that `moment` lies in: at most one."""
        return self.filter(member=member, state=WeekState.APPROVED, starts_at__lte=moment, ends_at__gt=moment)


class TimeWeek(TenantModel):
    """`monday` names it; `starts_at` and `ends_at` are where it lay in the shop's zone when it was handed in."""

    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    monday = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=WeekState.choices, default=WeekState.SUBMITTED)
    minutes = models.PositiveIntegerField()  # as they stood when it was handed in
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True)
    because = models.CharField(_("why"), max_length=300, blank=True)

    objects: ClassVar = TenantManager.from_queryset(TimeWeekQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("week of time")
        indexes = [
            models.Index(
                fields=["tenant", "submitted_at", "id"], name="time_week_waiting", condition=Q(state="submitted")
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "member", "monday"], name="time_week_once"),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_at=None) | ~Q(state="submitted") & ~Q(decided_at=None),
                name="time_week_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.monday}"

    @property
    def is_approved(self) -> bool:
        return self.state == WeekState.APPROVED
