"""The way out of the house: approved → released (numbered) → rendered → mailed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.mail.models import OutgoingMail
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .invoices import Invoice


class Release(DueRow):
    """An approved invoice's wait for its number. Calling it back cancels the row; approving again makes another."""

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="releases")

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("invoice waiting to be sent")
        verbose_name_plural = _("invoices waiting to be sent")
        indexes = due_indexes("release")
        constraints = [
            due_constraint("release"),
            models.UniqueConstraint(
                fields=["tenant", "invoice"], condition=Q(state="queued"), name="release_one_waiting"
            ),
        ]


class Rendering(DueRow):
    """An issued invoice whose PDF is to be made. Its end sets the PDF and queues the mails in one transaction."""

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="renderings")

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("invoice PDF")
        verbose_name_plural = _("invoice PDFs")
        indexes = due_indexes("rendering")
        constraints = [
            due_constraint("rendering"),
            models.UniqueConstraint(fields=["tenant", "invoice"], name="rendering_once"),
        ]


class Dispatch(TenantModel):
    """One mail of one invoice to one recipient. The mail's own row knows whether it was sent."""

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="dispatches")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    recipient = models.EmailField()
    mail = TenantForeignKey(OutgoingMail, on_delete=models.PROTECT, related_name="+")
    queued_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        verbose_name = _("sending of an invoice")
        verbose_name_plural = _("sendings of invoices")
        indexes = [models.Index(fields=["tenant", "-queued_at"], name="dispatch_newest")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice", "recipient"], name="dispatch_once"),
        ]
