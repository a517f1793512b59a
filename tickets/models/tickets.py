"""Tickets and the shop's settings of them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
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
from msp.tenancy.scope import CLIENT_SQL, CONTACT_SQL, PortalRule
from tickets.choices import OPEN, PORTAL_STATUS, TRANSITIONS, Door, Impact, PortalStatus, Priority, Status, Urgency
from tickets.rules import Before

from .catalogue import Category, Label


def usual_matrix() -> list[int]:
    return [1, 1, 2, 1, 2, 3, 2, 3, 4]


class TicketSettings(TenantModel):
    """One row a shop. Taking a number locks it; numbers may have gaps."""

    next_number = models.PositiveIntegerField(_("next ticket number"), default=1)
    files_each = models.PositiveSmallIntegerField(_("files with one message"), default=10)
    file_mb = models.PositiveSmallIntegerField(_("largest file, in MB"), default=25)
    mailed_mb = models.PositiveSmallIntegerField(_("files that a mail carries, in MB"), default=10)
    reopen_days = models.PositiveSmallIntegerField(_("days in which an answer opens a solved ticket again"), default=14)
    # Nine priorities: rows by impact from everybody to one person, columns by urgency from now to later.
    matrix = ArrayField(models.PositiveSmallIntegerField(choices=Priority.choices), size=9, default=usual_matrix)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="ticket_settings_one")]


class TicketQuerySet(TenantQuerySet["Ticket"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)


# A confidential request is read by the contact it belongs to, by no colleague.
_NOT_ANOTHERS_SECRET = PortalRule(
    "by_client_in_confidence",
    f"client_id = {CLIENT_SQL} and (confidential_to_id is null or confidential_to_id = {CONTACT_SQL})",
    lambda scope: Q(client_id=scope.client_id) & (Q(confidential_to=None) | Q(confidential_to=scope.contact_id)),
    ("client_id", "confidential_to_id"),
)


class Ticket(TenantModel):
    """A request or fault of one client's. Queues are sorted by `queue_at`; see rules.queue_at."""

    portal = _NOT_ANOTHERS_SECRET

    number = models.PositiveIntegerField(editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="tickets")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="tickets", null=True, blank=True)
    site = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="tickets", null=True, blank=True)
    asset = TenantForeignKey(Asset, on_delete=models.PROTECT, related_name="tickets", null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.NEW)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one ticket
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Impact.choices, null=True, blank=True)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency.choices, null=True, blank=True)
    category = TenantForeignKey(Category, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    answers = models.JSONField[dict[str, Any]](
        default=dict, blank=True
    )  # by CustomField key; never shown to the client
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
    confidential_to = TenantForeignKey(
        Contact, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )  # no colleague of theirs reads it
    rework_of = TenantForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )  # our mistake
    boosted = models.BooleanField(default=False, editable=False)  # its client heals: it stands earlier in the queues
    follows = TenantForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    merged_into = TenantForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, editable=False)

    objects: ClassVar = TenantManager.from_queryset(TicketQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(fields=["tenant", "client", "-number"], name="ticket_client"),
            models.Index(fields=["tenant", "category", "-number"], name="ticket_category", condition=~Q(category=None)),
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
            models.Index(fields=["tenant", "-created_at"], name="ticket_newest"),
            models.Index(fields=["tenant", "rework_of"], name="ticket_rework", condition=Q(rework_of__isnull=False)),
            models.Index(fields=["tenant", "client", "-created_at"], name="ticket_client_newest"),
            models.Index(
                fields=["tenant", "merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="ticket_number"),
            models.UniqueConstraint(fields=["tenant", "form_key"], name="ticket_once"),
            models.CheckConstraint(
                condition=Q(status="solved", solved_at__isnull=False) | ~Q(status="solved") & Q(solved_at=None),
                name="ticket_solved_has_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(status="solved"), name="ticket_confirmed_when_solved"
            ),
            models.CheckConstraint(condition=Q(merged_into=None) | Q(status="solved"), name="ticket_merged_is_closed"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("tickets:detail", kwargs={"ticket_number": self.number})

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def standing(self) -> Before:
        """What undoing a change of status brings back."""
        return Before(self.status, self.solved_at, self.confirmed_at)

    @property
    def portal_status(self) -> PortalStatus:
        return PORTAL_STATUS[Status(self.status)]

    def can_become(self, status: str) -> bool:
        return status in TRANSITIONS[Status(self.status)]


class TicketLabel(TenantModel):
    """A label on a ticket. The client sees none."""

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="labels")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    label = TenantForeignKey(Label, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "label", "ticket"], name="ticket_label_label")]
        constraints = [models.UniqueConstraint(fields=["tenant", "ticket", "label"], name="ticket_label_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.label_id}"
