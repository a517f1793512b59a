"""When the shop serves whom: service calendars, leave, and who is on call."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.choices import LeaveKind
from clients.rules.holidays import OwnDay, Terms, days_from_json, windows_from_json
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .records import Archivable


class ServiceCalendar(Archivable):
    """Hours of service: windows by weekday in one zone, public holidays, and days of the shop's own.

    One is the shop's default. A client or site may have another; a clock keeps the terms it began with.
    """

    name = models.CharField(_("name"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=60)
    windows = models.JSONField[list[list[int]]](
        default=list, editable=False
    )  # weekday, opens, closes; see rules.holidays
    country = models.CharField(_("public holidays of"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=10, blank=True)
    days = models.JSONField[list[list[object]]](default=list, editable=False)  # day, name, works
    is_default = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("service calendar")
        verbose_name_plural = _("service calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(is_default=True), name="service_calendar_one_default"
            ),
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=Q(archived_at=None), name="service_calendar_name"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(archived_at=None), name="service_calendar_default_lives"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("clients:edit-calendar", kwargs={"service_calendar_id": self.pk})

    @property
    def own_days(self) -> tuple[OwnDay, ...]:
        return days_from_json(self.days)

    @property
    def terms(self) -> Terms:
        return Terms(self.zone, windows_from_json(self.windows), self.country, self.region, self.own_days)


class Leave(TenantModel):
    """Days on which somebody of the staff is away, both ends included."""

    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=LeaveKind.choices, default=LeaveKind.HOLIDAY)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("leave")
        verbose_name_plural = _("leave")
        indexes = [models.Index(fields=["tenant", "ends_on", "starts_on"], name="leave_days")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"


class OnCallShift(TenantModel):
    """Somebody looks after what cannot wait, from one moment to another. `offered_to` was asked to take it over,
    `in_return` for a shift of theirs."""

    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    offered_to = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    in_return = TenantForeignKey("self", on_delete=models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("on-call shift")
        verbose_name_plural = _("on-call shifts")
        indexes = [models.Index(fields=["tenant", "ends_at", "starts_at"], name="on_call_shift_time")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_shift_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(in_return=None) | Q(offered_to__isnull=False), name="on_call_shift_return_is_offered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"

    def covers(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at
