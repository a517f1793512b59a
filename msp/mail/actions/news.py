"""A person's unread notifications in one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from msp.accounts.models import Membership
from msp.accounts.rules import system_actor
from msp.mail.documents import render_mail
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.models import current_tenant

from .queueing import queue_mail

NEWS = system_actor("notifications")


def queue_news(*, to: Membership, news: Sequence[Notification], key: str, now: datetime) -> OutgoingMail:
    """Write to a member of staff in their language; with the same `key` it is the first one."""
    tenant = current_tenant()
    lines = [{"words": each.words, "urgent": each.urgent, "link": tenant.absolute_url(each.url)} for each in news]
    context = {"news": lines, "choose": tenant.absolute_url(reverse("notify:notifications"))}
    mail = render_mail("mail/news", context, to.user.language)
    return queue_mail(
        actor=NEWS, purpose_key=key, to=[to.user.email], subject=mail.subject, text=mail.text, html=mail.html, now=now
    )
