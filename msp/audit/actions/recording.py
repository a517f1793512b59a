"""Writing the activity log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    entry = _entry(actor, verb, subject, now, data)
    entry.save(force_insert=True)
    return entry


def record_many(
    *, actor: Actor, verb: str, said: Sequence[tuple[TenantModel, Mapping[str, Any]]], now: datetime
) -> list[Entry]:
    """One entry a subject and its data, in one statement. Raises KeyError as `record` does."""
    return Entry.objects.bulk_create(_entry(actor, verb, subject, now, data) for subject, data in said)


def _entry(actor: Actor, verb: str, subject: TenantModel, now: datetime, data: Mapping[str, Any] | None) -> Entry:
    SENTENCES[verb]
    return Entry(
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
