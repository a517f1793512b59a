"""What a person does with their notifications."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from msp.accounts.actions.unread import count_unread
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.notify.choices import ByMail, DeskState
from msp.notify.models import Desk, Notification

from .notifying import desk_of


def read(*, now: datetime, notification: Notification) -> Notification:
    """It was read. What comes under its key from now on is a new one."""
    with transaction.atomic():
        desk_of(notification.to, now)
        if Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=now):
            notification.read_at = now
            count_unread(membership=notification.to, by=-1)
    return notification


def read_all(*, now: datetime, member: Membership, until: datetime) -> int:
    """Everything that came by `until` was read: not what came while the page was open. Returns how many."""
    with transaction.atomic():
        desk_of(member, now)
        number = Notification.objects.filter(to=member, read_at=None, at__lte=until).update(read_at=now)
        if number:
            count_unread(membership=member, by=-number)
    return number


def choose_mail(*, actor: Actor, now: datetime, member: Membership, by_mail: str) -> Desk:
    """Which news come by mail. What waits for a mail stays in the bell."""
    with transaction.atomic():
        desk = desk_of(member, now)
        if desk.by_mail == by_mail:
            return desk
        desk.by_mail, desk.state, desk.lease_until, desk.finished_at = ByMail(by_mail), DeskState.RESTING, None, None
        desk.save(update_fields=["by_mail", "state", "lease_until", "finished_at"])
        record(actor=actor, verb="notify.mail_chosen", subject=desk, now=now)
    return desk
