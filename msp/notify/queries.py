"""What the bell and the notifications page show."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from msp.accounts.models import Membership

from .choices import ByMail
from .models import Desk, Notification, PagerMessage


def bell(request: HttpRequest) -> dict[str, object]:
    """The top bar's bell. No query: see accounts.actions.unread."""
    me: Membership = request.membership  # type: ignore[attr-defined]
    return {"unread": me.unread}


def notifications_of(member: Membership) -> QuerySet[Notification]:
    return Notification.objects.filter(to=member)


def mail_choice(member: Membership) -> str:
    """Which news the person wants by mail."""
    return Desk.objects.filter(member=member).values_list("by_mail", flat=True).first() or ByMail.URGENT


def pages() -> QuerySet[PagerMessage]:
    return PagerMessage.objects.select_related("to")
