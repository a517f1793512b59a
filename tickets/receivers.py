"""What the service desk does when promises or accounts say something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.choices import PromiseState
from clients.models import Promise
from msp.accounts.rules import Actor

from . import actions
from .actions.hand import follow_promise

TICKET = "tickets.ticket"


def on_promise_changed(*, promise: Promise, **kwargs: Any) -> None:
    """A ticket stands in the queues where its next deadline says. One that broke is still owed, by the same deadline."""
    still_owed = promise.state == PromiseState.BROKEN and promise.kept_at is None
    if promise.subject_kind == TICKET and not still_owed:
        follow_promise(promise=promise)


def on_shop_created(*, actor: Actor, now: datetime, **kwargs: Any) -> None:
    """Every shop promises something sensible."""
    actions.create_default_policy(actor=actor, now=now)
