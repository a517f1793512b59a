"""How the queue of incoming mail is worked: read it, keep what was read, then ask the apps which takes it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from msp.files.actions import Written, write_bytes
from msp.files.documents import content_of
from msp.files.rules import FileTooLarge
from msp.jobs.rules import Again, Ended, GiveUp, Handler, Outcome
from msp.mail.choices import IncomingState
from msp.mail.models import InboundMessage, InboundPart
from msp.mail.registry import TAKERS, HeldBack, Taken
from msp.mail.rules.reading import Part, Read
from msp.tenancy.context import current_scope

from .incoming import write_reading
from .reading import read_guarded


@dataclass(frozen=True)
class Unread:
    """A kept message as the reading needs it: its bytes, or where they lie."""

    tenant_id: int
    row_id: UUID
    raw: bytes | None
    path: str
    sha256: str
    envelope_from: str


@dataclass(frozen=True)
class Opened:
    """What was read, and its files as they lie in the storage now."""

    found: Read
    files: list[tuple[Part, Written]]


class TakeMail(Handler[InboundMessage, Unread, Opened]):
    """received → parsed → handled, ignored or failed. Reading and taking are two claims, so that neither is done twice for the other."""

    def prepare(self, row: InboundMessage, now: datetime) -> Unread | Outcome:
        if row.state == IncomingState.RECEIVED:
            raw = bytes(row.raw) if row.raw is not None else None
            return Unread(current_scope().tenant_id, row.pk, raw, row.raw_path, row.sha256, row.envelope_from)
        if row.head_only:
            words = {"size": row.size // 2**20, "limit": settings.MAIL_IN_LIMIT // 2**20}
            raise GiveUp(_("%(size)s MB are more than %(limit)s MB. It still lies in the mailbox, unread.") % words)
        return self._offer(row, now)

    def _offer(self, row: InboundMessage, now: datetime) -> Outcome:
        taken = Taken(_("Nobody takes mail here."), ignored=True)
        try:
            for taker in TAKERS:
                if (answer := taker.take(row, now)) is not None:
                    taken = answer
                    break
        except HeldBack as reason:
            raise GiveUp(str(reason)) from reason
        row.outcome, row.url = taken.words[:300], taken.url[:300]
        row.save(update_fields=["outcome", "url"])
        return Ended(IncomingState.IGNORED if taken.ignored else IncomingState.HANDLED)

    def work(self, prepared: Unread) -> Opened:
        raw = prepared.raw if prepared.raw is not None else content_of(prepared)
        if hashlib.sha256(raw).hexdigest() != prepared.sha256:
            raise GiveUp("the stored bytes are not the ones that came in")
        found = read_guarded(raw, envelope_from=prepared.envelope_from)
        files: list[tuple[Part, Written]] = []
        for part in found.parts:
            try:
                kept = write_bytes(
                    tenant_id=prepared.tenant_id, name=part.name, content=part.content, content_type=part.content_type
                )
            except FileTooLarge:
                found.problems.append("parts")
                continue
            files.append((part, kept))
        return Opened(found, files)

    def finish(self, row: InboundMessage, result: Opened, now: datetime) -> Outcome:
        write_reading(row, result.found)
        InboundPart.objects.filter(message=row).delete()
        for position, (part, written) in enumerate(result.files):
            InboundPart.objects.create(
                message=row,
                position=position,
                content_id=part.content_id,
                is_inline=part.is_inline,
                **asdict(written),
            )
        return Again(row.received_at)
