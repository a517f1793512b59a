"""Keeping files. Writes no activity entry: a file alone is no act; what stores it for somebody says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from msp.accounts.rules import Actor
from msp.tenancy.context import current_scope
from msp.tenancy.ids import new_id

from .choices import Visibility
from .models import StoredFile
from .rules import FileTooLarge, safe_name, true_type

HEAD = 4096  # bytes that tell the type
CHUNK = 256 * 1024  # bytes held in memory of a file that is being kept


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
    return write_file(tenant_id=tenant_id, name=name, source=ContentFile(content), content_type=content_type)


def write_file(
    *, tenant_id: int, name: str, source: File[bytes], content_type: str, limit: int | None = None
) -> Written:
    """Put a file into the shop's storage, in pieces of CHUNK bytes: an upload on disk never stands in memory whole.

    `limit` is in bytes; a whole message that came by mail may be longer than the FILE_LIMIT of what people upload. Raises
    FileTooLarge, before anything is written.
    """
    most = min(limit or settings.FILE_LIMIT, max(settings.FILE_LIMIT, settings.MAIL_IN_LIMIT))
    if source.size > most:
        raise FileTooLarge(f"{source.size} bytes are more than {most}")
    key, reading = new_id(), _Reading(source)
    path = default_storage.save(f"{tenant_id}/{key.hex[-2:]}/{key}", reading)
    kept_type = true_type(content_type, reading.head, name)
    return Written(path, safe_name(name), kept_type, reading.read_bytes, reading.digest.hexdigest())


class _Reading(File[bytes]):
    """A file that is counted and hashed while the storage takes it."""

    def __init__(self, source: File[bytes]) -> None:
        super().__init__(source.file, source.name)
        self.digest, self.head, self.read_bytes = hashlib.sha256(), b"", 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.digest, self.head, self.read_bytes = hashlib.sha256(), b"", 0
        for piece in super().chunks(chunk_size or CHUNK):
            self.digest.update(piece)
            self.head, self.read_bytes = self.head or piece[:HEAD], self.read_bytes + len(piece)
            yield piece


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


def drop_file(*, file: StoredFile) -> None:
    """Forget a file that nothing refers to any more; its bytes go once that is committed."""
    path = file.path
    file.delete()
    transaction.on_commit(lambda: default_storage.delete(path), robust=True)
