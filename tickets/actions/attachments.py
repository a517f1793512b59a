"""Files on tickets: kept before any lock is taken, held by whoever chose them, and seen by whoever sees the message they went with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.files.actions import Written, drop_file, record_file, write_file
from msp.files.choices import Visibility as FileVisibility
from msp.files.models import StoredFile
from msp.files.rules import FileTooLarge, is_picture
from msp.jobs.actions import add_job
from msp.tenancy.context import current_scope
from tickets.choices import Visibility
from tickets.models import Attachment, Message, Ticket
from tickets.queries.settings import ticket_settings
from tickets.rules import Refused

THUMBNAIL = "tickets.thumbnail"


def keep_uploads(uploads: Sequence[UploadedFile[bytes]]) -> list[Written]:
    """Put what a form brought into the storage. Called before the action whose message it goes with, outside any lock.

    Raises Refused, in words for people, for too many files or one that is too large.
    """
    kept = [(upload.name or "", upload, upload.content_type or "") for upload in uploads]
    return keep_files(kept)


def keep_files(files: Iterable[tuple[str, File[bytes], str]]) -> list[Written]:
    """As `keep_uploads`, for mail and API: (name, file, declared type) each. `ContentFile(bytes)` makes a file of bytes."""
    files, limits = list(files), ticket_settings()
    if len(files) > limits.files_each:
        raise Refused(_too_many(limits.files_each))
    tenant_id, most = current_scope().tenant_id, limits.file_mb * 1024 * 1024
    try:
        return [
            write_file(tenant_id=tenant_id, name=name, source=source, content_type=declared, limit=most)
            for name, source, declared in files
        ]
    except FileTooLarge:
        raise Refused(_("A file may have %(most)s MB at most.") % {"most": limits.file_mb}) from None


def attach(*, actor: Actor, now: datetime, message: Message, kept: Sequence[Written]) -> list[Attachment]:
    """Put kept files on a message; they are seen by whoever sees it. Its ticket's row is locked by the caller."""
    return _add(actor, now, message.ticket, kept, message=message)


def hold_files(
    *, actor: Actor, now: datetime, ticket: Ticket, holder: Membership, kept: Sequence[Written]
) -> list[Attachment]:
    """Keep files in the composer of `holder` until they are sent along or let go. Raises Refused when that makes too many."""
    most = ticket_settings().files_each
    if Attachment.objects.held_by(holder).filter(ticket=ticket).count() + len(kept) > most:
        raise Refused(_too_many(most))
    return _add(actor, now, ticket, kept, holder=holder)


def let_go(*, actor: Actor, now: datetime, attachment: Attachment) -> None:
    """Throw away a file that was held and never sent. Raises Refused once it has gone along."""
    with transaction.atomic():
        held = Attachment.objects.select_for_update(of=("self",)).filter(pk=attachment.pk, message=None).first()
        if held is None:
            raise Refused(_("It has been sent already."))
        files = [held.file, *([held.thumbnail] if held.thumbnail else [])]
        held.delete()
        for file in files:
            drop_file(file=file)
        record(actor=actor, verb="ticket.file_dropped", subject=held.ticket, now=now, data={"name": files[0].name})


def send_along(*, actor: Actor, message: Message, holder: Membership, held: Iterable[UUID]) -> list[Attachment]:
    """Let held files go with a message: those of the composer that it was written in. Their ticket's row is locked."""
    mine = Attachment.objects.held_by(holder).filter(ticket=message.ticket, pk__in=list(held))
    rows = list(mine.select_related("file").select_for_update(of=("self",)).order_by("added_at", "id"))
    _show(rows, message.visibility, message=message)
    if rows:
        names = ", ".join(row.file.name for row in rows)
        record(actor=actor, verb="ticket.files_added", subject=message.ticket, now=message.at, data={"names": names})
    return rows


def hold_again(*, message: Message, holder: Membership) -> None:
    """A reply was taken back: its files are in the composer again."""
    rows = list(Attachment.objects.filter(message=message).select_for_update(of=("self",)))
    _show(rows, Visibility.INTERNAL, message=None, holder=holder)


def _add(
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    kept: Sequence[Written],
    *,
    message: Message | None = None,
    holder: Membership | None = None,
) -> list[Attachment]:
    shown = Visibility(message.visibility) if message else Visibility.INTERNAL
    with transaction.atomic():
        rows = [
            Attachment.objects.create(
                ticket=ticket,
                client_id=ticket.client_id,
                message=message,
                holder=holder,
                visibility=shown,
                file=_record(actor, now, ticket, written, shown),
                added_at=now,
            )
            for written in kept
        ]
        if message and rows:
            names = ", ".join(written.name for written in kept)
            record(actor=actor, verb="ticket.files_added", subject=ticket, now=now, data={"names": names})
        for row in rows:
            if is_picture(row.file.content_type):
                _ask_for_thumbnail(actor, now, row)
    return rows


def _ask_for_thumbnail(actor: Actor, now: datetime, row: Attachment) -> None:
    key = str(row.pk)
    add_job(actor=actor, kind=THUMBNAIL, payload={"attachment": key}, now=now, key=key, client_id=row.client_id)


def _record(actor: Actor, now: datetime, ticket: Ticket, written: Written, shown: Visibility) -> StoredFile:
    seen_by = FileVisibility(shown)  # the same words, said to the files' own wall
    return record_file(actor=actor, written=written, client_id=ticket.client_id, visibility=seen_by, now=now)


def _show(
    rows: Sequence[Attachment], visibility: str, *, message: Message | None, holder: Membership | None = None
) -> None:
    """Move attachments to a message, or back to a holder, and let their files be seen as they are."""
    ids = [row.pk for row in rows]
    Attachment.objects.filter(pk__in=ids).update(message=message, holder=holder, visibility=visibility)
    files = {key for row in rows for key in (row.file_id, row.thumbnail_id) if key}
    StoredFile.objects.filter(pk__in=files).update(visibility=visibility)


def _too_many(most: int) -> str:
    return ngettext("At most %d file goes with a message.", "At most %d files go with a message.", most) % most
