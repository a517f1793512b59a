"""Mail that the apps below ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msp.accounts.models import Membership
from msp.accounts.rules import Letter
from msp.notify.models import Notification

from .actions import queue_letter, queue_news


def on_letter_written(*, letter: Letter, now: datetime, **_: Any) -> None:
    queue_letter(letter=letter, now=now)


def on_news_written(*, to: Membership, news: list[Notification], key: str, now: datetime, **_: Any) -> None:
    queue_news(to=to, news=news, key=key, now=now)
