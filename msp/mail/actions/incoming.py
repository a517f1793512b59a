"""Keeping what comes in: the bytes first, committed, before anything else happens with them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.files.actions import Written, write_file
from msp.jobs.actions import ring
from msp.mail.choices import AfterTaking, IncomingState, InDoor
from msp.mail.models import InboundMessage, Mailbox
from msp.mail.rules.reading import Read
from msp.tenancy.context import enter, system_scope

from .decisions import NotPossible

# The columns that reading fills.
READ = (
    *(
        "message_id",
        "in_reply_to",
        "references",
        "from_name",
        "from_address",
        "to",
        "subject",
        "sent_at",
        "text",
        "html",
    ),
    *("nature", "reading"),
)
SMALL = 256 * 1024  # bytes that the row itself holds


@dataclass(frozen=True)
class Arrival:
    """A message at one of the doors. `uid` of `uid_validity` is its place in a fetched folder; `size` when only its head is here."""

    door: InDoor
    raw: bytes
    envelope_from: str = ""
    envelope_to: str = ""
    uid: int | None = None
    uid_validity: int | None = None
    size: int | None = None


def keep_arrival(*, tenant_id: int, mailbox_id: UUID, arrival: Arrival, now: datetime) -> bool:
    """Write the message down in a transaction of its own; True when it is new. After this returns it cannot be lost any more.

    Not to be called inside a transaction: what the caller tells the other side must be true. Raises DatabaseError or OSError
    when it could not be kept; Mailbox.DoesNotExist when the mailbox is gone.
    """
    written = _put_away(tenant_id, arrival.raw) if len(arrival.raw) > SMALL else None
    with enter(system_scope(tenant_id)):
        mailbox = Mailbox.objects.select_for_update().get(pk=mailbox_id)
        is_new = _insert(mailbox, arrival, written, now)
        mailbox.taken_at = now
        if arrival.uid is not None and arrival.uid_validity == mailbox.uid_validity:
            mailbox.last_uid = max(mailbox.last_uid, arrival.uid)
        mailbox.save(update_fields=["taken_at", "last_uid"])
        ring("mail_in")
    if written is not None and not is_new:
        default_storage.delete(written.path)
    return is_new


def _put_away(tenant_id: int, raw: bytes) -> Written:
    return write_file(
        tenant_id=tenant_id, name="mail.eml", source=ContentFile(raw), content_type="message/rfc822", limit=len(raw)
    )


def _insert(mailbox: Mailbox, arrival: Arrival, written: Written | None, now: datetime) -> bool:
    sha256 = hashlib.sha256(arrival.raw).hexdigest()
    is_fetched = arrival.uid is not None and mailbox.after != AfterTaking.LEAVE and arrival.size is None
    message = InboundMessage(
        mailbox=mailbox, door=arrival.door, received_at=now, due_at=now, sha256=sha256, raw_path=written.path if written else "",
        raw=None if written else arrival.raw, size=arrival.size or len(arrival.raw), head_only=arrival.size is not None,
        dedupe_key=dedupe_key(sha256, arrival.raw, now), uid=arrival.uid, uid_validity=arrival.uid_validity,
        envelope_from=_storable(arrival.envelope_from), envelope_to=_storable(arrival.envelope_to),
        settled_at=None if is_fetched else now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        _meet_again(mailbox, arrival, message.dedupe_key)
        return False
    return True


def _meet_again(mailbox: Mailbox, arrival: Arrival, key: str) -> None:
    """The same message again, in a folder that was numbered anew or copied: it is to be flagged or moved where it lies now."""
    if arrival.uid is not None:
        known = InboundMessage.objects.filter(mailbox=mailbox, dedupe_key=key)
        known.update(uid=arrival.uid, uid_validity=arrival.uid_validity)


def _storable(address: str) -> str:
    return address.replace("\x00", "")[:320]


def dedupe_key(sha256: str, raw: bytes, now: datetime) -> str:
    """What makes two arrivals one. Bytes that some server has stamped with an id are never sent twice on purpose.

    A device that writes no Message-ID sends the same bytes with every alarm: of those, only repeats within the hour are one.
    """
    head = raw[:20_000].partition(b"\n\r\n")[0].partition(b"\n\n")[0]
    stamped = re.search(rb"(?im)^(message-id|received):", head) is not None
    return sha256 if stamped else f"{sha256}:{now:%Y%m%d%H}"


def mark_settled(*, tenant_id: int, mailbox_id: UUID, uid_validity: int, uid: int, now: datetime) -> None:
    """A fetched message was flagged or moved on its server. In a transaction of its own."""
    with enter(system_scope(tenant_id)):
        taken = InboundMessage.objects.filter(mailbox=mailbox_id, uid_validity=uid_validity, uid=uid)
        taken.update(settled_at=now)


# --- what a person decides ---


def read_again(*, actor: Actor, message: InboundMessage, now: datetime) -> InboundMessage:
    """Begin with a message anew, from its bytes. Raises NotPossible for one that waits or was taken."""
    with transaction.atomic():
        message = _locked(message)
        if message.state not in (IncomingState.FAILED, IncomingState.IGNORED):
            raise NotPossible(message.state)
        message.state, message.due_at, message.attempts, message.finished_at = IncomingState.RECEIVED, now, 0, None
        message.last_error = message.outcome = message.url = ""
        message.reading = message.reading | {"again": True}
        message.save()
        _record(actor, "mail.read_again", message, now)
        ring("mail_in")
    return message


def ignore_message(*, actor: Actor, message: InboundMessage, why: str, now: datetime) -> InboundMessage:
    """Put a message that needs a person aside. Raises NotPossible."""
    return end_by_hand(actor=actor, message=message, state=IncomingState.IGNORED, outcome=why, url="", now=now)


def end_by_hand(
    *, actor: Actor, message: InboundMessage, state: IncomingState, outcome: str, url: str, now: datetime
) -> InboundMessage:
    """A person has made something of a message, or nothing. Raises NotPossible for one that was taken meanwhile."""
    with transaction.atomic():
        message = _locked(message)
        is_taken = message.lease_until is not None and message.lease_until > now
        if message.state == IncomingState.HANDLED or is_taken:
            raise NotPossible(message.state)
        message.state, message.outcome, message.url, message.finished_at = state, outcome[:300], url, now
        message.save(update_fields=["state", "outcome", "url", "finished_at"])
        verb = "mail.ignored" if state == IncomingState.IGNORED else "mail.made_by_hand"
        _record(actor, verb, message, now)
    return message


def _locked(message: InboundMessage) -> InboundMessage:
    return InboundMessage.objects.select_for_update().get(pk=message.pk)


def _record(actor: Actor, verb: str, message: InboundMessage, now: datetime) -> None:
    record(
        actor=actor, verb=verb, subject=message, now=now, data={"subject": str(message)[:200], "what": message.outcome}
    )


# --- what reading gives ---


def write_reading(message: InboundMessage, found: Read) -> None:
    """Put what was read into the row, and save it."""
    message.message_id, message.in_reply_to = found.message_id[:998], found.in_reply_to[:998]
    message.references = " ".join(found.references)
    message.from_name, message.from_address = found.from_name[:200], found.from_address
    message.to = list(dict.fromkeys(each[:320] for each in found.to))
    message.subject, message.text, message.html = found.subject, found.text, found.html
    message.sent_at = datetime.fromisoformat(found.sent_at) if found.sent_at else None
    message.nature = found.nature
    rest = ("one_sender", "reply_to", "told_by", "silent", "report", "verdicts", "problems")
    again = {"again": True} if message.reading.get("again") else {}
    message.reading = {name: getattr(found, name) for name in rest} | again
    message.state = IncomingState.PARSED
    message.save(update_fields=[*READ, "state"])
