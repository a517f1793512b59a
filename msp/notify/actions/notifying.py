"""A notification, merged with what is unread under its key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django_stubs_ext import StrOrPromise

from msp.accounts.actions.unread import count_unread
from msp.accounts.models import Membership, ShopSettings
from msp.notify.choices import ByMail, DeskState
from msp.notify.models import Desk, Notification
from msp.notify.rules import TOGETHER, mail_at

WORDS_LENGTH = 300


def notify(
    *,
    to: Membership,
    now: datetime,
    words: StrOrPromise | Callable[[], str],
    url: str,
    key: str,
    urgent: bool = False,
) -> Notification | None:
    """Tell a member of staff something, in the caller's transaction. While it is unread, the same `key` says it anew instead of
    adding another; `urgent` stays.

    `words` may be lazy or a function: they are said in the reader's language. `url` is a path of ours. None for who does not work
    here any more. Who tells several people in one transaction does so in the order of their keys, or two of them may wait
    for each other.
    """
    if to.ended_at is not None or not to.is_staff_member:
        return None
    with transaction.atomic():
        desk = desk_of(to, now)
        with translation.override(to.user.language):
            text = str(words() if callable(words) else words)[:WORDS_LENGTH]
        kept = Notification.objects.filter(to=to, key=key, read_at=None).first()
        if kept is None:
            kept = Notification.objects.create(to=to, key=key, words=text, url=url, urgent=urgent, at=now)
            count_unread(membership=to, by=1)
        else:
            kept.words, kept.url, kept.at, kept.times = text, url, now, kept.times + 1
            kept.urgent = kept.urgent or urgent
            kept.save(update_fields=["words", "url", "at", "times", "urgent"])
        _arm(desk, urgent=urgent, now=now)
    return kept


def desk_of(member: Membership, now: datetime) -> Desk:
    """The person's desk, locked: two that tell or read at once come one after the other."""
    desk = Desk.objects.select_for_update().filter(member=member).first()
    if desk is None:
        Desk.objects.get_or_create(member=member, defaults={"due_at": now})
        desk = Desk.objects.select_for_update().get(member=member)
    return desk


def _arm(desk: Desk, *, urgent: bool, now: datetime) -> None:
    """Let the next mail leave early enough for this."""
    if desk.by_mail == ByMail.NONE or (desk.state == DeskState.QUEUED and desk.due_at <= now + TOGETHER):
        return
    zone = ShopSettings.objects.values_list("zone", flat=True).get()
    at = mail_at(desk.by_mail, urgent=urgent, now=now, zone=zone)
    if at is None or (desk.state == DeskState.QUEUED and desk.due_at <= at):
        return
    desk.state, desk.due_at, desk.attempts, desk.finished_at = DeskState.QUEUED, at, 0, None
    desk.save(update_fields=["state", "due_at", "attempts", "finished_at"])
