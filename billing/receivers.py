"""What billing does when tickets or promises say something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.models import Promise
from msp.accounts.rules import Actor
from tickets.models import Ticket

from .actions.asking import ask_to_look
from .actions.escalating import escalate
from .choices import INVOICE_OUT
from .rules.clock import ESCALATE


def on_work_changed(*, ticket: Ticket, actor: Actor, now: datetime, **kwargs: Any) -> None:
    """A ticket was solved, reopened or worked on afterwards."""
    ask_to_look(actor=actor, now=now, client=ticket.client)


def on_promise_stage(*, promise: Promise, passed: tuple[str, ...], now: datetime, **kwargs: Any) -> None:
    """Three quarters of the time are over and the invoice is not out: the owner hears of it."""
    if promise.kind == INVOICE_OUT and ESCALATE in passed:
        escalate(promise=promise, now=now)
