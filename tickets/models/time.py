"""The time spent on tickets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from tickets.choices import WorkType
from tickets.rules import LONGEST_ENTRY

from .conversation import Message
from .tickets import Ticket


class Timer(TenantModel):
    """The one clock of a person. Started by an explicit press, kept by the server; null `running_since` means paused."""

    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    running_since = models.DateTimeField(null=True)
    banked_seconds = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "member"], name="timer_one_per_person")]

    def __str__(self) -> str:
        return f"timer of {self.member_id}"

    def seconds(self, now: datetime) -> int:
        """Time on the clock, pauses left out."""
        running = (now - self.running_since).total_seconds() if self.running_since else 0
        return self.banked_seconds + max(0, int(running))

    def minutes(self, now: datetime) -> int:
        """Whole minutes, rounded up, within what one entry may hold."""
        return min(max(1, -(-self.seconds(now) // 60)), LONGEST_ENTRY)


class TimeEntryQuerySet(TenantQuerySet["TimeEntry"]):
    def unlocked(self) -> Self:
        return self.filter(locked_because="")

    def unbilled(self) -> Self:
        """Billable, and taken by nobody."""
        return self.unlocked().filter(is_billable=True)


class TimeEntry(TenantModel):
    """Work done, in whole minutes. Raw minutes never change once locked; billing derives what is charged."""

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="time_entries")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    message = TenantForeignKey(Message, on_delete=models.PROTECT, related_name="time_entries", null=True)
    started_at = models.DateTimeField(_("started"))
    minutes = models.PositiveIntegerField(_("minutes"))
    note = models.CharField(_("what you did"), max_length=500, blank=True)
    work_type = models.CharField(_("work type"), max_length=10, choices=WorkType.choices, default=WorkType.REMOTE)
    is_billable = models.BooleanField(_("billable"), default=True)
    finished_at = models.DateTimeField(
        null=True, editable=False
    )  # when its ticket was solved; a copy, for billing to find
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one entry
    locked_because = models.CharField(max_length=120, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = TenantManager.from_queryset(TimeEntryQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("time entry")
        verbose_name_plural = _("time entries")
        indexes = [
            models.Index(fields=["tenant", "ticket", "started_at"], name="time_entry_ticket"),
            models.Index(fields=["tenant", "member", "started_at"], name="time_entry_member"),
            models.Index(
                fields=["tenant", "client", "started_at"],
                name="time_entry_unbilled",
                condition=Q(locked_because="", is_billable=True),
            ),
            models.Index(
                fields=["tenant", "client", "finished_at"],
                name="time_entry_finished",
                condition=Q(locked_because="", is_billable=True, finished_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="time_entry_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=LONGEST_ENTRY), name="time_entry_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min"

    @property
    def ended_at(self) -> datetime:
        return self.started_at + timedelta(minutes=self.minutes)

    @property
    def is_locked(self) -> bool:
        return self.locked_because != ""
