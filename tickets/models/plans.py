"""Work that is known beforehand: templates, task lists, and tickets that come again."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Archivable, Asset, Client, Contact, Site
from msp.accounts.models import Membership
from msp.jobs.choices import DueState
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from tickets.choices import Priority

from .catalogue import Category
from .tickets import Ticket


class TicketTemplate(Archivable):
    """A ticket written beforehand, with what has to be done about it: one task a line, "+2d" at its end for its due day."""

    name = models.CharField(_("name"), max_length=80)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("what it is about"), help_text=_("The client can read this in the portal."))
    category = TenantForeignKey(
        Category, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("category")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    tasks = models.TextField(
        _("tasks"),
        blank=True,
        help_text=_("One a line. “+2d” at the end of a line makes it due two days after opening."),
    )

    class Meta(Archivable.Meta):
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=Q(archived_at=None), name="ticket_template_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Task(TenantModel):
    """A step of a ticket. The client sees none."""

    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="tasks")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("task"), max_length=200)
    position = models.PositiveSmallIntegerField()
    owner = TenantForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("who")
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.CharField(max_length=120, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("task")
        indexes = [
            models.Index(fields=["tenant", "ticket", "position"], name="task_ticket"),
            models.Index(fields=["tenant", "owner", "due_on"], name="task_owner", condition=Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return self.title

    def is_late(self, today: date) -> bool:
        return self.done_at is None and self.due_on is not None and self.due_on < today


class RecurringTicket(DueRow):
    """A ticket that is opened again and again: `rule` (RFC 5545 RRULE) from `starts_at`, wall time in the client's zone."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    template = TenantForeignKey(TicketTemplate, on_delete=models.PROTECT, related_name="+", verbose_name=_("template"))
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    site = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    asset = TenantForeignKey(Asset, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    assignee = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    rule = models.CharField(max_length=200, editable=False)
    starts_on = models.DateField(_("first day"))
    opens_at = models.TimeField(_("time of day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    paused_until = models.DateField(_("paused until"), null=True, blank=True, editable=False)
    last_opened_for = models.DateTimeField(null=True, editable=False)
    last_ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", null=True, editable=False)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("recurring ticket")
        verbose_name_plural = _("recurring tickets")
        indexes = [
            *due_indexes("recurringticket"),
            models.Index(fields=["tenant", "state", "due_at", "id"], name="recurringticket_next"),
        ]
        constraints = [due_constraint("recurringticket")]

    def __str__(self) -> str:
        return f"{self.template_id} {self.client_id}"

    def get_absolute_url(self) -> str:
        return reverse("tickets:edit-recurring", kwargs={"recurring_ticket_id": self.pk})

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.client.zone)

    @property
    def is_over(self) -> bool:
        return self.state != DueState.QUEUED
