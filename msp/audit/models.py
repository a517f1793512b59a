"""What happened: append-only entries, written in the same transaction as the act, and the seals over them."""

from __future__ import annotations

from datetime import UTC

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from msp.accounts.choices import ActorKind
from msp.tenancy.models import TenantModel

from .rules import line_of


class CurrentTransaction(Func):
    """The number of the transaction that inserts the row."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class CurrentEra(Func):
    """The identity of the database cluster. Transaction numbers begin anew in another one: after a restore, or a shop's move."""

    template = "(pg_control_system()).system_identifier"
    output_field = models.BigIntegerField()


class Entry(TenantModel):
    """One act. Within an `era` the `transaction` orders entries for sealing: all below the oldest running one are final."""

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
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    era = models.BigIntegerField(db_default=CurrentEra(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("activity entry")
        verbose_name_plural = _("activity entries")
        indexes = [
            models.Index(fields=["tenant", "subject_kind", "subject_id", "-at"], name="audit_entry_subject"),
            models.Index(fields=["tenant", "-at"], name="audit_entry_newest"),
            models.Index(fields=["tenant", "actor_id", "-at"], name="audit_entry_actor"),
            models.Index(fields=["tenant", "verb", "-at"], name="audit_entry_verb"),
            models.Index(fields=["tenant", "era", "transaction", "id"], name="audit_entry_order"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_id}"

    def line(self) -> str:
        """What the seal binds: every column, as it is stored."""
        return line_of(
            {
                "id": str(self.pk),
                "tenant": self.tenant_id,
                "at": self.at.astimezone(UTC).isoformat(),
                "verb": self.verb,
                "subject": [self.subject_kind, str(self.subject_id)],
                "client": str(self.client_id) if self.client_id else None,
                "actor": [self.actor_kind, self.actor_id, self.actor_name],
                "data": self.data,
                "order": [self.era, self.transaction],
            }
        )


class Seal(TenantModel):
    """A batch of entries, bound to all batches before it: a changed, missing or added entry breaks its hash.

    It covers the entries of its era after the era's previous seal, up to (`last_transaction`, `last_entry`).
    """

    append_only = True

    number = models.PositiveIntegerField()
    era = models.BigIntegerField()
    first_entry = models.UUIDField()
    last_entry = models.UUIDField()
    last_transaction = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="audit_seal_number")]
        indexes = [models.Index(fields=["tenant", "era", "-number"], name="audit_seal_era")]

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"
