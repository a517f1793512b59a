"""How the outboxes are worked. One message, one connection, one answer.

State `sending` is committed just before a message's last byte leaves. A worker that dies there leaves it so, and the next one
makes it `unknown`: SMTP cannot say whether the server has it, and a second mail is worse than a question to a person.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from msp.files.documents import content_of
from msp.jobs.registry import QUEUES
from msp.jobs.rules import Ended, GiveUp, Handler, LeaseLost, Outcome
from msp.mail.choices import MailState
from msp.mail.documents import bytes_of
from msp.mail.models import OutgoingMail, SignInMail
from msp.mail.queries import installation_sender, logo_of_shop, sender_of_shop
from msp.mail.rules import Delivery, Enclosure, Parcel, Sender
from msp.tenancy.context import enter, system_scope

from .resting import resting, timed
from .smtp import deliver

M = TypeVar("M", OutgoingMail, SignInMail)


class _Send(Handler[M, Parcel, Delivery], Generic[M]):
    """What both outboxes have in common."""

    queue: str
    model: type[M]

    @abstractmethod
    def sender(self, row: M) -> Sender:
        """Whose name it goes out under, and through which server; without a server it is kept."""

    @abstractmethod
    def pack(self, row: M, sender: Sender, now: datetime) -> Parcel:
        """All that a connection needs, as plain values."""

    def prepare(self, row: M, now: datetime) -> Parcel | Outcome:
        if row.state == MailState.SENDING:
            return self._end(row, MailState.UNKNOWN, now)
        if row.is_too_late(now):
            raise GiveUp(_("It would have come too late to be of use."))
        sender = self.sender(row)
        if sender.server is None:
            return Ended(MailState.CAPTURED) if settings.DEMO else self._end(row, MailState.CAPTURED, now)
        return resting(sender.server, now) or self.pack(row, sender, now)

    def work(self, prepared: Parcel) -> Delivery:
        content = bytes_of(prepared, [content_of(enclosure) for enclosure in prepared.enclosures])
        try:
            with timed(prepared.server, prepared.taken_at):
                return deliver(prepared, content, lambda: self._move(prepared, MailState.QUEUED, MailState.SENDING))
        except LeaseLost:
            raise
        except Exception:
            # The server said no: it does not have the message.
            self._move(prepared, MailState.SENDING, MailState.QUEUED, strict=False)
            raise

    def finish(self, row: M, result: Delivery, now: datetime) -> Outcome:
        row.reply, row.refused = result.reply, result.refused
        row.save(update_fields=["reply", "refused"])
        return self._end(row, MailState.SENT if result.certain else MailState.UNKNOWN, now)

    def _end(self, row: M, state: MailState, now: datetime) -> Outcome:
        row.state = state
        row.save(update_fields=row.forget(now))
        return Ended(state)

    def _move(self, parcel: Parcel, before: MailState, after: MailState, *, strict: bool = True) -> None:
        """Change the state while the row is still ours. Raises LeaseLost when `strict` and it is not."""
        with enter(system_scope(parcel.tenant_id)) if parcel.tenant_id else transaction.atomic():
            ours: Any = self.model.objects.filter(pk=parcel.row_id, lease_until=parcel.lease_until, state=before)
            if not ours.update(state=after) and strict:
                raise LeaseLost(f"{self.queue} {parcel.row_id}")


class SendMail(_Send[OutgoingMail]):
    """Sends a shop's messages."""

    queue, model = "mail", OutgoingMail

    def sender(self, row: OutgoingMail) -> Sender:
        return sender_of_shop(lets_in=row.secret)

    def pack(self, row: OutgoingMail, sender: Sender, now: datetime) -> Parcel:
        files = [enclosed.file for enclosed in row.attachments.select_related("file").order_by("position")]
        return Parcel(
            **_common(row, sender, self.queue, now),
            tenant_id=row.tenant_id,
            cc=row.cc,
            reply_to=row.reply_to,
            html=row.html,
            in_reply_to=row.in_reply_to,
            references=row.references,
            automatic=row.automatic,
            enclosures=[Enclosure(file.name, file.content_type, file.path, file.sha256) for file in files],
            logo=logo_of_shop() if row.html else b"",
        )


class SendSignInMail(_Send[SignInMail]):
    """Sends mail of no shop."""

    queue, model = "sign_in_mail", SignInMail

    def sender(self, row: SignInMail) -> Sender:
        return installation_sender()

    def pack(self, row: SignInMail, sender: Sender, now: datetime) -> Parcel:
        return Parcel(**_common(row, sender, self.queue, now), tenant_id=None)


def _common(row: Any, sender: Sender, queue: str, now: datetime) -> dict[str, Any]:
    return {
        "row_id": row.pk,
        "lease_until": row.lease_until,
        "taken_at": now,
        "server": sender.server,
        "sender": sender,
        "to": row.to,
        "subject": row.subject,
        "text": row.text,
        "message_id": row.message_id,
        "written_at": row.created_at,
        "last_try": row.attempts >= QUEUES[queue].max_attempts,
    }
