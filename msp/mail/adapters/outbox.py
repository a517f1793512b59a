"""Django's door to the outbox, for mail that a library sends by itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from msp.mail.actions.queueing import queue_sign_in_mail


class OutboxBackend(BaseEmailBackend):
    """Keeps messages for the sender instead of talking to a server inside a request. They belong to no shop."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            queue_sign_in_mail(
                to=message.recipients(), subject=str(message.subject), text=str(message.body), now=timezone.now()
            )
        return len(email_messages)
