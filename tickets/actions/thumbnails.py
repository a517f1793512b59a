"""Small pictures of attached images, drawn by a worker: what a page shows is never the sender's file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msp.accounts.rules import system_actor
from msp.files.actions import Written, record_file, write_bytes
from msp.files.choices import Visibility
from msp.files.documents import content_of
from msp.files.rules import NotAPicture, thumbnail_of
from msp.jobs.choices import DueState
from msp.jobs.models import Job
from msp.jobs.rules import Ended, Handler, Outcome
from tickets.models import Attachment

DRAWER = system_actor("thumbnails")


@dataclass(frozen=True)
class _Original:
    """What the worker remembers of the file outside its transaction."""

    tenant_id: int
    name: str
    path: str
    sha256: str


class DrawThumbnail(Handler[Job, _Original, Written | None]):
    """Draws one attachment's picture anew, small. A file that is no picture keeps its name and gets none."""

    def prepare(self, row: Job, now: datetime) -> _Original | Outcome:
        attachment = _attachment(row)
        if attachment is None or attachment.thumbnail_id:
            return Ended(DueState.DONE)
        file = attachment.file
        return _Original(row.tenant_id, file.name, file.path, file.sha256)

    def work(self, prepared: _Original) -> Written | None:
        try:
            drawn = thumbnail_of(content_of(prepared))
        except NotAPicture:
            return None
        return write_bytes(tenant_id=prepared.tenant_id, name=prepared.name, content=drawn, content_type="image/webp")

    def finish(self, row: Job, result: Written | None, now: datetime) -> Outcome:
        attachment = _attachment(row)
        if attachment is not None and result is not None:
            shown = Visibility(attachment.visibility)
            attachment.thumbnail = record_file(
                actor=DRAWER, written=result, client_id=attachment.client_id, visibility=shown, now=now
            )
            attachment.save(update_fields=["thumbnail"])
        return Ended(DueState.DONE)


def _attachment(row: Job) -> Attachment | None:
    """The job's attachment, locked so that it is not sent between our look at its visibility and the picture's row."""
    rows = Attachment.objects.select_related("file").select_for_update(of=("self",))
    return rows.filter(pk=UUID(row.payload["attachment"])).first()
