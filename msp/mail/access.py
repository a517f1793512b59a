"""Messages by what a request names, in the current shop only."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from msp.accounts.requests import StaffRequest
from msp.files.models import StoredFile

from .models import OutgoingMail, SignInMail
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
