"""Invoices that go by post: they wait until somebody prints them, many in one file."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.files.models import StoredFile
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .invoices import Invoice


class PrintBatch(DueRow):
    """One file of several invoices, made by a worker. `printed_at`: somebody said that it came out of the printer."""

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)
    pdf = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.CharField(max_length=120, blank=True)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("invoices to print")
        verbose_name_plural = _("invoices to print")
        indexes = [*due_indexes("printbatch"), models.Index(fields=["tenant", "-asked_at"], name="printbatch_newest")]
        constraints = [due_constraint("printbatch")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("billing:prints")


class Printing(TenantModel):
    """One invoice that goes by post."""

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="printings")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    batch = TenantForeignKey(PrintBatch, on_delete=models.PROTECT, related_name="printings", null=True)
    asked_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("invoice by post")
        verbose_name_plural = _("invoices by post")
        indexes = [
            models.Index(fields=["tenant", "asked_at"], name="printing_waiting", condition=Q(printed_at=None)),
            models.Index(fields=["tenant", "batch"], name="printing_batch"),
        ]
        constraints = [models.UniqueConstraint(fields=["tenant", "invoice"], name="printing_once")]
