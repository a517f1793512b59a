"""What a person decides about a message that waits, failed, or may have been sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.mail.choices import MailState
from msp.mail.models import OutgoingMail


class NotPossible(ValueError):
    """The message has moved on, or was already repeated once."""


def send_again(*, actor: Actor, mail: OutgoingMail, now: datetime) -> OutgoingMail:
    """Send a failed, kept or perhaps-sent message (again), with its old Message-ID; the last kind once only.

    Raises NotPossible.
    """
    with transaction.atomic():
        mail = _locked(mail)
        if not mail.can_be_sent_again:
            raise NotPossible(mail.state)
        mail.repeats += mail.state == MailState.UNKNOWN
        mail.state, mail.due_at, mail.attempts, mail.finished_at = MailState.QUEUED, now, 0, None
        mail.save(update_fields=["repeats", "state", "due_at", "attempts", "finished_at"])
        _record(actor, "mail.sent_again", mail, now)
        ring("mail")
    return mail


def mark_as_sent(*, actor: Actor, mail: OutgoingMail, now: datetime) -> OutgoingMail:
    """Say that a perhaps-sent message has arrived. Raises NotPossible."""
    with transaction.atomic():
        mail = _locked(mail)
        if mail.state != MailState.UNKNOWN:
            raise NotPossible(mail.state)
        mail.state = MailState.SENT
        mail.save(update_fields=["state", *mail.forget(now)])
        _record(actor, "mail.marked_sent", mail, now)
    return mail


def cancel_mail(*, actor: Actor, mail: OutgoingMail, now: datetime) -> OutgoingMail:
    """Take back a message that no worker has begun to send, or drop a failed one. Raises NotPossible."""
    with transaction.atomic():
        mail = _locked(mail)
        is_taken = mail.lease_until is not None and mail.lease_until > now
        if mail.state not in (MailState.QUEUED, MailState.FAILED) or is_taken:
            raise NotPossible(mail.state)
        mail.state, mail.finished_at = MailState.CANCELLED, now
        mail.save(update_fields=["state", "finished_at", *mail.forget(now)])
        _record(actor, "mail.cancelled", mail, now)
    return mail


def _locked(mail: OutgoingMail) -> OutgoingMail:
    return OutgoingMail.objects.select_for_update().get(pk=mail.pk)


def _record(actor: Actor, verb: str, mail: OutgoingMail, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=mail, now=now, data={"subject": mail.subject, "to": ", ".join(mail.to)})
