"""Tickets, their conversation and the time spent on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self, TypedDict

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Asset, Client, Contact, Site
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.ids import new_id
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from .choices import OPEN, PORTAL_STATUS, TRANSITIONS, Door, PortalStatus, Priority, Status, Visibility, WorkType
from .rules import LONGEST_ENTRY


class TicketSettings(TenantModel):
    """One row a shop. Taking a number locks it; numbers may have gaps."""

    next_number = models.PositiveIntegerField(_("next ticket number"), default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="ticket_settings_one")]


class TicketQuerySet(TenantQuerySet["Ticket"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)


class Ticket(TenantModel):
    """A request or fault of one client's. Queues are sorted by `queue_at`; see rules.queue_at."""

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
    summary = models.TextField(_("where it stands"), blank=True)  # the team's words, never shown to the client
    next_clock_at = models.DateTimeField(null=True, blank=True, editable=False)  # the next deadline owed
    queue_at = models.DateTimeField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    first_replied_at = models.DateTimeField(null=True, editable=False)
    client_waiting_since = models.DateTimeField(null=True, editable=False)  # their last word has no answer yet
    confirmed_at = models.DateTimeField(null=True, editable=False)  # the client said that it works
    solved_at = models.DateTimeField(null=True, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = TenantManager.from_queryset(TicketQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(fields=["tenant", "client", "-number"], name="ticket_client"),
            models.Index(
                fields=["tenant", "client", "queue_at", "number"],
                name="ticket_client_open",
                condition=~Q(status="solved"),
            ),
            models.Index(fields=["tenant", "queue_at", "number"], name="ticket_team", condition=~Q(status="solved")),
            models.Index(
                fields=["tenant", "assignee", "queue_at", "number"], name="ticket_mine", condition=~Q(status="solved")
            ),
            models.Index(
                # IS NULL behind the tenant would not give Postgres the order, so the unassigned have their own.
                fields=["tenant", "queue_at", "number"],
                name="ticket_unassigned",
                condition=~Q(status="solved") & Q(assignee=None),
            ),
            models.Index(
                fields=["tenant", "queue_at", "number"], name="ticket_waiting", condition=Q(status="waiting_client")
            ),
            models.Index(
                fields=["tenant", "-solved_at", "-number"], name="ticket_solved", condition=Q(status="solved")
            ),
            # With the client, which the wall asks for: so the index alone gives the counts.
            models.Index(
                fields=["tenant", "assignee", "status", "client"], name="ticket_counts", condition=~Q(status="solved")
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="ticket_number"),
            models.CheckConstraint(
                condition=Q(status="solved", solved_at__isnull=False) | ~Q(status="solved") & Q(solved_at=None),
                name="ticket_solved_has_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(status="solved"), name="ticket_confirmed_when_solved"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("tickets:detail", kwargs={"ticket_number": self.number})

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def portal_status(self) -> PortalStatus:
        return PORTAL_STATUS[Status(self.status)]

    def can_become(self, status: str) -> bool:
        return status in TRANSITIONS[Status(self.status)]


class Recipient(TypedDict):
    """Someone a public reply was mailed to, as they were called then."""

    name: str
    email: str


class MessageQuerySet(TenantQuerySet["Message"]):
    def standing(self) -> Self:
        """What was not taken back."""
        return self.filter(withdrawn_at=None)

    def shown_to_client(self, now: datetime) -> Self:
        """Public messages whose time to be taken back has passed."""
        return self.standing().filter(visibility=Visibility.PUBLIC, visible_at__lte=now)


class Message(TenantModel):
    """One turn of the conversation: a public reply, or a note for the team.

    A reply stays unseen by the client until `visible_at`; taken back before, it becomes internal, so that the wall hides it.
    """

    portal = PortalRule.BY_CLIENT_PUBLIC

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    author = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)
    author_name = models.CharField(max_length=120)
    body = models.TextField(_("message"))
    recipients = models.JSONField[list[Recipient]](default=list)  # frozen when it was sent
    form_key = models.UUIDField(default=new_id)  # one form sent twice is one message
    at = models.DateTimeField()
    visible_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects: ClassVar = TenantManager.from_queryset(MessageQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "ticket", "at"], name="message_thread")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ticket", "form_key"], name="message_once"),
            models.CheckConstraint(
                condition=Q(visibility="public") | Q(contact=None), name="message_contact_writes_in_public"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(visibility="internal"), name="message_withdrawn_is_internal"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip("\n") for part in self.body.split("\n\n") if part.strip()]

    def can_be_taken_back(self, now: datetime) -> bool:
        return self.withdrawn_at is None and now < self.visible_at


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
