"""Writing the activity log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msp.accounts.rules import Actor
from msp.audit.models import Entry
from msp.audit.registry import SENTENCES
from msp.tenancy.models import TenantModel


def record(
    *, actor: Actor, verb: str, subject: TenantModel, now: datetime, data: Mapping[str, Any] | None = None
) -> Entry:
    """Add an entry about `subject`, in the caller's transaction. `data` is what the sentence needs, JSON-serialisable.

    Raises KeyError when nobody registered a sentence for `verb`.
    """
    SENTENCES[verb]
    return Entry.objects.create(
        at=now,
        verb=verb,
        subject_kind=subject._meta.label_lower,
        subject_id=subject.pk,
        client_id=_client_of(subject),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        data=dict(data or {}),
    )


def _client_of(subject: TenantModel) -> UUID | None:
    if subject._meta.label_lower == "clients.client":
        return subject.pk
    return getattr(subject, "client_id", None)
