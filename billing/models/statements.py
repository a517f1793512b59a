"""Statements of account as documents."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.files.models import StoredFile
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.scope import PortalRule

from .ledger import JournalEntry


class StatementPdf(DueRow):
    """A statement that somebody asked for as a PDF. `upto`: the client's latest entry then; asking again without a new one
    gives the same document.
    """

    portal = PortalRule.BY_CLIENT

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    starts = models.DateField()
    ends = models.DateField()
    upto = TenantForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="+")
    pdf = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("statement of account")
        verbose_name_plural = _("statements of account")
        indexes = due_indexes("statement_pdf")
        constraints = [
            due_constraint("statement_pdf"),
            models.UniqueConstraint(
                fields=["tenant", "client", "currency", "starts", "ends", "upto"], name="statement_pdf_once"
            ),
        ]
