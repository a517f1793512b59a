"""Who takes incoming mail. Higher apps offer takers; mail itself knows no ticket, invoice or backup report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django_stubs_ext import StrOrPromise

if TYPE_CHECKING:
    from .models import InboundMessage


@dataclass(frozen=True)
class Taken:
    """What became of a message. `ignored` True: nothing had to, and `words` say why. `url` leads to what it became."""

    words: str
    url: str = ""
    ignored: bool = False


class HeldBack(Exception):
    """The message waits for a person in the tray, with this text: taking it by itself would do harm (a loop, a flood)."""


@dataclass(frozen=True)
class Taker:
    """An app that may take messages. They are asked in order; the first that answers anything but None has it.

    `take` runs in the transaction that ends the message, with its row locked. It raises HeldBack to leave it to a person.
    """

    name: str
    order: int
    take: Callable[[InboundMessage, datetime], Taken | None]


@dataclass(frozen=True)
class ByHand:
    """What a person may make of a message in the tray: a URL name taking `message_id`."""

    label: StrOrPromise
    url_name: str
    capability: str


TAKERS: list[Taker] = []
BY_HAND: list[ByHand] = []


def offer_taker(taker: Taker) -> None:
    """Register an app that takes mail."""
    TAKERS.append(taker)
    TAKERS.sort(key=lambda each: each.order)
