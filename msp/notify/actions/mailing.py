"""News by mail: what is unread and has not been mailed, in one message."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from msp.jobs.rules import Ended, Outcome, Plain
from msp.notify.choices import DeskState
from msp.notify.models import Desk, Notification
from msp.notify.signals import news_written

MOST = 50  # notifications in a mail; the page has all


class MailNews(Plain[Desk]):
    """Sends what a person has not read since the last mail; nothing when they have read it all or left."""

    def act(self, row: Desk, now: datetime) -> Outcome:
        unmailed = Q(mailed_at=None) | Q(mailed_at__lt=F("at"))
        news = list(Notification.objects.filter(unmailed, to=row.member, read_at=None).order_by("-at", "-id")[:MOST])
        if news and row.member.ended_at is None:
            Notification.objects.filter(pk__in=[each.pk for each in news]).update(mailed_at=now)
            key = f"news:{row.member_id}:{now.isoformat()}"
            news_written.send(sender=Desk, to=row.member, news=news, key=key, now=now)
        return Ended(DeskState.RESTING)
