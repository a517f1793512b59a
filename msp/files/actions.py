"""Keeping files. Writes no activity entry: a file alone is no act; what stores it for somebody says so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from msp.accounts.rules import Actor
from msp.tenancy.context import current_scope
from msp.tenancy.ids import new_id

from .choices import Visibility
from .models import StoredFile
from .rules import FileTooLarge, safe_name, true_type

HEAD = 16  # bytes that tell the type


@dataclass(frozen=True)
class Written:
    """Bytes that lie in the storage and that no row knows yet. Harmless when none ever does."""

    path: str
    name: str
    content_type: str
    size: int
    sha256: str


def write_bytes(*, tenant_id: int, name: str, content: bytes, content_type: str) -> Written:
    """Put bytes into the shop's storage. Slow: workers call it outside a transaction and record it afterwards.

    Raises FileTooLarge.
    """
    if len(content) > settings.FILE_LIMIT:
        raise FileTooLarge(f"{len(content)} bytes are more than {settings.FILE_LIMIT}")
    key = new_id()
    path = default_storage.save(f"{tenant_id}/{key.hex[-2:]}/{key}", ContentFile(content))
    kept_type = true_type(content_type, content[:HEAD])
    return Written(path, safe_name(name), kept_type, len(content), hashlib.sha256(content).hexdigest())


def record_file(
    *, actor: Actor, written: Written, client_id: UUID | None, visibility: Visibility, now: datetime
) -> StoredFile:
    """Make written bytes a file of the current shop."""
    return StoredFile.objects.create(
        client_id=client_id,
        visibility=visibility,
        name=written.name,
        content_type=written.content_type,
        size=written.size,
        sha256=written.sha256,
        path=written.path,
        stored_by=actor.name,
        created_at=now,
    )


def store_file(
    *,
    actor: Actor,
    name: str,
    content: bytes,
    content_type: str,
    client_id: UUID | None,
    visibility: Visibility,
    now: datetime,
) -> StoredFile:
    """Write and record in one go, for uploads that a request already holds in memory. Raises FileTooLarge."""
    tenant_id = current_scope().tenant_id
    written = write_bytes(tenant_id=tenant_id, name=name, content=content, content_type=content_type)
    return record_file(actor=actor, written=written, client_id=client_id, visibility=visibility, now=now)
