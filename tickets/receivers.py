"""What the service desk does when promises or accounts say something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.models import Promise
from msp.accounts.rules import Actor

from . import actions
from .actions.clocks import follow_promise

TICKET = "tickets.ticket"


def on_promise_changed(*, promise: Promise, **kwargs: Any) -> None:
    """A ticket stands in the queues where its next deadline says."""
    if promise.subject_kind == TICKET:
        follow_promise(promise=promise)


def on_shop_created(*, actor: Actor, now: datetime, **kwargs: Any) -> None:
    """Every shop promises something sensible."""
    actions.create_default_policy(actor=actor, now=now)
