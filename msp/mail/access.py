"""Messages by what a request names, in the current shop only."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from msp.accounts.requests import StaffRequest
from msp.files.models import StoredFile
from msp.tenancy.context import enter, system_scope
from msp.tenancy.tokens import Token

from .choices import MailboxKind
from .models import InboundMessage, InboundPart, Mailbox, OutgoingMail, SignInMail
from .queries import shows_secrets, sign_in_outbox


def mail_or_404(mail_id: UUID) -> OutgoingMail:
    mail = OutgoingMail.objects.filter(pk=mail_id).first()
    if mail is None:
        raise Http404
    return mail


def html_or_404(request: StaffRequest, mail_id: UUID) -> OutgoingMail:
    """A message whose HTML may be shown. Raises Http404."""
    mail = mail_or_404(mail_id)
    if not mail.html or not may_read(request, mail):
        raise Http404
    return mail


def may_read(request: StaffRequest, mail: OutgoingMail) -> bool:
    """Nobody reads another person's way in, except in a demo of one's own."""
    return not mail.secret or shows_secrets(request)


def enclosure_or_404(mail_id: UUID, file_id: UUID) -> StoredFile:
    """A file that goes with the message. Raises Http404."""
    mail = mail_or_404(mail_id)
    file = StoredFile.objects.filter(pk=file_id, pk__in=mail.attachments.values("file")).first()
    if file is None:
        raise Http404
    return file


def sign_in_mail_or_404(request: StaffRequest, sign_in_mail_id: UUID) -> SignInMail:
    """A kept message of no shop, in a demo of one's own. Raises Http404."""
    mail = sign_in_outbox().filter(pk=sign_in_mail_id).first() if shows_secrets(request) else None
    if mail is None:
        raise Http404
    return mail


def mailbox_or_404(mailbox_id: UUID) -> Mailbox:
    mailbox = Mailbox.objects.filter(pk=mailbox_id).first()
    if mailbox is None:
        raise Http404
    return mailbox


def incoming_or_404(inbound_message_id: UUID) -> InboundMessage:
    message = InboundMessage.objects.select_related("mailbox").filter(pk=inbound_message_id).first()
    if message is None:
        raise Http404
    return message


def part_or_404(inbound_message_id: UUID, inbound_part_id: UUID) -> InboundPart:
    """A file that came with the message. Raises Http404."""
    part = InboundPart.objects.filter(pk=inbound_part_id, message=inbound_message_id).first()
    if part is None:
        raise Http404
    return part


def hook_or_404(text: str) -> Token:
    """The token of an address that a provider posts to, when it is a living mailbox's. Raises Http404."""
    token = Token.parse(text)
    if token is None:
        raise Http404
    with enter(system_scope(token.tenant_id)):
        mailbox = Mailbox.objects.filter(pk=token.row_id, kind=MailboxKind.HTTP, is_active=True).first()
    if mailbox is None or not mailbox.secret_hash or not token.matches(mailbox.secret_hash):
        raise Http404
    return token
