"""Mail of a past that was told afterwards."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from msp.accounts.models import ShopSettings
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.mail.choices import MailState
from msp.mail.models import OutgoingMail


def keep_past(*, actor: Actor, now: datetime) -> int:
    """Take every waiting message that was due before `now` as kept when it was due; returns how many.

    For a shop whose past is imported or made up: it must mail nobody today. To be called in the transaction that queued
    them, before any worker can see them.
    """
    with transaction.atomic():
        past = OutgoingMail.objects.filter(state=MailState.QUEUED, due_at__lt=now)
        past.filter(secret=True).update(text="", html="")
        number = past.update(state=MailState.CAPTURED, finished_at=F("due_at"))
        record(actor=actor, verb="mail.past_kept", subject=ShopSettings.objects.get(), now=now, data={"number": number})
    return number
