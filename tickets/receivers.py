"""What the service desk does when promises or accounts say something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.choices import PromiseState
from clients.models import Client, Contact, Promise
from msp.accounts.models import Membership
from msp.accounts.rules import Actor

from . import actions
from .actions.finding import ask_to_find_again
from .actions.hand import follow_promise
from .actions.leaving import ask_to_take_over

TICKET = "tickets.ticket"


def on_promise_changed(*, promise: Promise, **kwargs: Any) -> None:
    """A ticket stands in the queues where its next deadline says. One that broke is still owed, by the same deadline."""
    still_owed = promise.state == PromiseState.BROKEN and promise.kept_at is None
    if promise.subject_kind == TICKET and not still_owed:
        follow_promise(promise=promise)


def on_renamed(*, row: Client | Contact, actor: Actor, now: datetime, **kwargs: Any) -> None:
    """Tickets are found by the name that people know now."""
    ask_to_find_again(actor=actor, now=now, row=row)


def on_membership_ended(*, membership: Membership, actor: Actor, now: datetime, **kwargs: Any) -> None:
    """What somebody who left had in hand goes to the others."""
    if membership.is_staff_member:
        ask_to_take_over(actor=actor, now=now, member=membership)


def on_shop_created(*, actor: Actor, now: datetime, **kwargs: Any) -> None:
    """Every shop promises something sensible."""
    actions.create_default_policy(actor=actor, now=now)
