"""Writing messages into the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from msp.accounts.choices import OF_STAFF, ActorKind
from msp.accounts.rules import Actor, Letter, system_actor
from msp.files.models import StoredFile
from msp.jobs.actions import ring
from msp.mail.documents import render_mail, with_link
from msp.mail.models import MailAttachment, Mailbox, OutgoingMail, SignInMail
from msp.mail.queries import thread_token
from msp.mail.rules.threads import answers_to
from msp.tenancy.context import enter, system_scope

SUBJECT_LENGTH = 300
SIGN_IN = system_actor("sign-in")


def queue_mail(
    *,
    actor: Actor,
    purpose_key: str,
    to: Sequence[str],
    subject: str,
    text: str,
    now: datetime,
    html: str = "",
    cc: Sequence[str] = (),
    reply_to: str = "",
    client_id: UUID | None = None,
    attachments: Sequence[StoredFile] = (),
    in_reply_to: str = "",
    references: str = "",
    due_at: datetime | None = None,
    automatic: bool | None = None,
    secret: bool = False,
    thread: str = "",
    mailbox: Mailbox | None = None,
    good_until: datetime | None = None,
) -> OutgoingMail:
    """Put one message into the shop's outbox, in the caller's transaction; with the same `purpose_key` it is the first one.

    `due_at` in the future holds it back, so that it can still be cancelled; after `good_until` it is not sent any more.
    `automatic` None: a person's message is not.
    `thread` names the conversation, signed in the Message-ID and, with a `mailbox` that answers go to, in its address.
    The act that a message is part of writes the activity entry. Raises ValidationError for a bad or missing address.
    """
    _check([*to, *cc, *([reply_to] if reply_to else [])], to)
    token = thread_token(thread) if thread else ""
    reply_to = reply_to or _answers_to(mailbox, token)
    by_machine = actor.kind not in OF_STAFF | {ActorKind.CONTACT}
    mail = OutgoingMail(
        purpose_key=purpose_key, client_id=client_id, to=list(to), cc=list(cc), reply_to=reply_to, subject=_line(subject),
        text=text, html=html, in_reply_to=in_reply_to, references=references, secret=secret, created_at=now,
        due_at=due_at or now, good_until=good_until, automatic=by_machine if automatic is None else automatic,
    )  # fmt: skip
    mail.message_id = _message_id(mail.pk, token)
    return _insert(mail, attachments)


def _answers_to(mailbox: Mailbox | None, token: str) -> str:
    if mailbox is None:
        return ""
    return answers_to(mailbox.address, token) if token and mailbox.plus_works else mailbox.address


def _check(addresses: Sequence[str], to: Sequence[str]) -> None:
    for address in addresses:
        validate_email(address)
    if not to:
        raise ValidationError(_("A message needs a recipient."))


def _line(subject: str) -> str:
    return " ".join(subject.split())[:SUBJECT_LENGTH]


def _insert(mail: OutgoingMail, attachments: Sequence[StoredFile]) -> OutgoingMail:
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        return OutgoingMail.objects.get(purpose_key=mail.purpose_key)
    MailAttachment.objects.bulk_create(
        MailAttachment(mail=mail, file=file, position=position) for position, file in enumerate(attachments)
    )
    ring("mail")
    return mail


def queue_letter(*, letter: Letter, now: datetime) -> None:
    """Send a mail that lets somebody in: in the name of a shop when it has one, in the installation's name otherwise."""
    if letter.tenant_id is None:
        late = letter.good_until
        queue_sign_in_mail(to=[letter.to], subject=letter.subject, text=letter.text, now=now, good_until=late)
        return
    with enter(system_scope(letter.tenant_id)):
        rendered = render_mail(
            "mail/letter",
            {"subject": letter.subject, "letter": letter.text, "shown": with_link(letter.text, letter.link)},
            get_language() or settings.LANGUAGE_CODE,  # in which its text was written a moment ago
        )
        queue_mail(
            actor=SIGN_IN,
            purpose_key=letter.purpose,
            to=[letter.to],
            subject=letter.subject,
            text=letter.text,
            html=rendered.html,
            now=now,
            secret=True,
            good_until=letter.good_until,
        )


def queue_sign_in_mail(
    *, to: Sequence[str], subject: str, text: str, now: datetime, good_until: datetime | None = None
) -> SignInMail:
    """Put a message to somebody without a shop into the global outbox. Raises ValidationError for a bad address."""
    _check(to, to)
    mail = SignInMail(to=list(to), subject=_line(subject), text=text, good_until=good_until)
    mail.message_id, mail.created_at, mail.due_at = _message_id(mail.pk), now, now
    with transaction.atomic():
        mail.save(force_insert=True)
        ring("sign_in_mail")
    return mail


def _message_id(key: UUID, token: str = "") -> str:
    return f"<{key}{'.' if token else ''}{token}@{settings.BASE_HOST}>"
