"""Finished work on its way to an invoice. The row is what the promise *invoice out* is about, and when it is drafted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.choices import Finished
from clients.models import Client
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from tickets.models import Ticket

from .agreements import Agreement
from .charges import Milestone
from .invoices import Invoice


class FinishedWork(DueRow):
    """A solved job, or a client's week or month of them; or a period that an agreement charges at its end, or a milestone.

    Due when it is to be drafted (what an agreement charges it drafts itself); settled once all of it is out. Which time it means is asked of the time itself (queries.clock), so that nothing can disagree with it. A job worked on again after
    its invoice left is another row.
    """

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    grouping = models.CharField(max_length=10, choices=Finished.choices)
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", null=True)  # of a job
    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="+", null=True)  # that charges it
    milestone = TenantForeignKey(Milestone, on_delete=models.PROTECT, related_name="+", null=True)
    starts_at = models.DateTimeField(null=True)  # of a week, month or period
    ends_at = models.DateTimeField(null=True)
    clock_from = models.DateTimeField()  # the promise counts from here
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="finished_work", null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("finished work")
        verbose_name_plural = _("finished work")
        indexes = [
            *due_indexes("finishedwork"),
            models.Index(fields=["tenant", "client"], name="finishedwork_open", condition=Q(settled_at=None)),
            models.Index(fields=["tenant", "invoice"], name="finishedwork_invoice"),
        ]
        constraints = [
            due_constraint("finishedwork"),
            models.UniqueConstraint(
                fields=["tenant", "client", "grouping", "ticket", "agreement", "milestone", "ends_at"],
                condition=Q(settled_at=None),
                nulls_distinct=False,
                name="finishedwork_once",
            ),
            models.CheckConstraint(
                condition=Q(ticket__isnull=False, starts_at=None, ends_at=None)
                | Q(ticket=None, starts_at__isnull=False, ends_at__isnull=False)
                | Q(ticket=None, starts_at=None, ends_at=None, milestone__isnull=False),
                name="finishedwork_job_or_period",
            ),
            models.CheckConstraint(
                condition=Q(grouping__in=["period", "milestone"], agreement__isnull=False)
                | ~Q(grouping__in=["period", "milestone"]) & Q(agreement=None, milestone=None),
                name="finishedwork_of_agreement",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return self.invoice.get_absolute_url() if self.invoice else reverse("billing:unbilled")


class BillingRun(TenantModel):
    """Many clients drafted at once, at the end of a month: one row a client is the work, this one the heading."""

    until = models.DateTimeField()  # work finished before it
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        verbose_name = _("month end")
        verbose_name_plural = _("month ends")
        indexes = [models.Index(fields=["tenant", "-asked_at", "-id"], name="billingrun_newest")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("billing:run", args=[self.pk])


class RunClient(DueRow):
    """One client of a run. Whatever is killed in between, each is drafted once; refusals stand with their reason."""

    run = TenantForeignKey(BillingRun, on_delete=models.PROTECT, related_name="clients")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="+", null=True)
    refused_because = models.CharField(max_length=300, blank=True)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("client of a month end")
        verbose_name_plural = _("clients of a month end")
        indexes = [*due_indexes("runclient"), models.Index(fields=["tenant", "run", "state"], name="runclient_run")]
        constraints = [
            due_constraint("runclient"),
            models.UniqueConstraint(fields=["tenant", "run", "client"], name="runclient_once"),
        ]
