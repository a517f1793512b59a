"""Tickets, their conversation and the time spent on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Asset, Client, Contact, Site
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from .choices import OPEN, TRANSITIONS, Door, Priority, Status, Visibility, WorkType


class TicketSettings(TenantModel):
    """One row a shop. Taking a number locks it; numbers may have gaps."""

    next_number = models.PositiveIntegerField(_("next ticket number"), default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="ticket_settings_one")]


class TicketQuerySet(TenantQuerySet["Ticket"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)


class Ticket(TenantModel):
    """A request or fault of one client's. Sorted in queues by `next_clock_at`, the next deadline owed (null: none)."""

    portal = PortalRule.BY_CLIENT

    number = models.PositiveIntegerField(editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="tickets")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="tickets", null=True, blank=True)
    site = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="tickets", null=True, blank=True)
    asset = TenantForeignKey(Asset, on_delete=models.PROTECT, related_name="tickets", null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.NEW)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    door = models.CharField(max_length=10, choices=Door.choices, default=Door.STAFF, editable=False)
    assignee = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    summary = models.TextField(_("where it stands"), blank=True)
    next_clock_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    first_replied_at = models.DateTimeField(null=True, editable=False)
    client_waiting_since = models.DateTimeField(null=True, editable=False)  # their last word has no answer yet
    solved_at = models.DateTimeField(null=True, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = TenantManager.from_queryset(TicketQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(fields=["tenant", "-number"], name="ticket_newest"),
            models.Index(fields=["tenant", "client", "-number"], name="ticket_client"),
            models.Index(
                fields=["tenant", "next_clock_at", "number"], name="ticket_open_clock", condition=~Q(status="solved")
            ),
            models.Index(
                fields=["tenant", "assignee", "next_clock_at", "number"],
                name="ticket_open_mine",
                condition=~Q(status="solved"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="ticket_number"),
            models.CheckConstraint(
                condition=Q(status="solved", solved_at__isnull=False) | ~Q(status="solved") & Q(solved_at=None),
                name="ticket_solved_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("tickets:detail", kwargs={"ticket_number": self.number})

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def can_become(self, status: str) -> bool:
        return status in TRANSITIONS[Status(self.status)]


class Message(TenantModel):
    """One turn of the conversation: a public reply, or a note for the team."""

    portal = PortalRule.BY_CLIENT_PUBLIC

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    author = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)
    author_name = models.CharField(max_length=120)
    body = models.TextField(_("message"))
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "ticket", "at"], name="message_thread")]
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility="public") | Q(contact=None), name="message_contact_writes_in_public"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC


class Timer(TenantModel):
    """The one running clock of a person. Started by an explicit press, kept by the server."""

    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "member"], name="timer_one_per_person")]


class TimeEntryQuerySet(TenantQuerySet["TimeEntry"]):
    def unlocked(self) -> Self:
        return self.filter(locked_because="")


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
        ]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=24 * 60), name="time_entry_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min"

    @property
    def ended_at(self) -> datetime:
        return self.started_at + timedelta(minutes=self.minutes)
