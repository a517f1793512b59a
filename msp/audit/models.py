"""What happened: append-only entries, written in the same transaction as the act."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from msp.accounts.choices import ActorKind
from msp.tenancy.models import TenantModel


class Entry(TenantModel):
    """One act. `transaction` orders entries for sealing: all acts below the oldest running transaction are final."""

    append_only = True

    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    client_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=120)
    data = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        verbose_name = _("activity entry")
        verbose_name_plural = _("activity entries")
        indexes = [
            models.Index(fields=["tenant", "subject_kind", "subject_id", "-at"], name="audit_entry_subject"),
            models.Index(fields=["tenant", "-at"], name="audit_entry_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_id}"
