"""Several properties of a ticket at once: all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from msp.accounts.rules import Actor
from msp.tenancy.marks import check_mark
from tickets.models import Ticket

from . import tickets
from .kinds import change_category
from .rows import hold

CHANGEABLE = frozenset({"subject", "summary", "status", "priority", "assignee", "contact", "site", "asset", "category"})
_ABOUT = ("contact", "site", "asset")


def change_ticket(
    *, actor: Actor, now: datetime, ticket: Ticket, values: Mapping[str, Any], mark: str = "", anyway: bool = False
) -> Ticket:
    """Bring a ticket to these `values`, the status last. `mark`: what the writer had seen of it.

    Raises ValueError for another name, ChangedMeanwhile, and what each of the changes raises.
    """
    if unknown := values.keys() - CHANGEABLE:
        raise ValueError(f"not changeable: {', '.join(sorted(unknown))}")
    given: dict[str, Any] = {"actor": actor, "now": now}
    with transaction.atomic():
        ticket = hold(ticket)
        check_mark(ticket, values, mark)
        if values.keys() & set(_ABOUT):
            about = {name: values.get(name, getattr(ticket, name)) for name in _ABOUT}
            ticket = tickets.change_about(ticket=ticket, **about, **given)
        for name in ("subject", "summary"):
            if name in values:
                ticket = _REWRITE[name](ticket=ticket, was=getattr(ticket, name), **{name: values[name]}, **given)
        for name, act in _ACTS.items():
            if name in values:
                ticket = act(ticket=ticket, **{name: values[name]}, **given)
        if "status" in values:
            ticket = tickets.change_status(ticket=ticket, status=values["status"], anyway=anyway, **given)
    return ticket


_REWRITE: dict[str, Callable[..., Ticket]] = {"subject": tickets.rewrite_subject, "summary": tickets.rewrite_summary}
_ACTS: dict[str, Callable[..., Ticket]] = {
    "category": change_category,
    "priority": tickets.change_priority,
    "assignee": tickets.assign_ticket,
}
