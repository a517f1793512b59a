"""When news leave by mail, and what a pager sender is: pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from .choices import ByMail

MORNING = time(7, 30)
TOGETHER = timedelta(minutes=1)  # urgent news wait so long for company


def mail_at(by_mail: str, *, urgent: bool, now: datetime, zone: str) -> datetime | None:
    """When a new notification is to be mailed if it is still unread: in a minute, on the next morning in `zone`, or never."""
    if by_mail == ByMail.NONE:
        return None
    if urgent and by_mail == ByMail.URGENT:
        return now + TOGETHER
    local = now.astimezone(ZoneInfo(zone))
    morning = local.replace(hour=MORNING.hour, minute=MORNING.minute, second=0, microsecond=0)
    return morning if local < morning else morning + timedelta(days=1)


@dataclass(frozen=True)
class Page:
    """What a sender gets. `phone` may be empty, `url` is absolute."""

    name: str
    phone: str
    words: str
    url: str


class PagerSender(Protocol):
    """Carries pages to people: settings.PAGER names the class. One is made for each page.

    `name` is shown beside every page ("sent by …"). `send` returns what the service answered; any exception means "not
    sent, try again". It is called outside any transaction and may be called twice for one page.
    """

    name: str

    def send(self, page: Page) -> str: ...
