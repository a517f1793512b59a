"""How much a ticket weighs: how many it hits and how long it can wait give its priority."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.choices import Impact, Urgency
from tickets.models import Ticket
from tickets.queries.settings import ticket_settings
from tickets.rules.kinds import weighed

from .rows import hold_standing, write
from .tickets import change_priority


def weigh(
    *, actor: Actor, now: datetime, ticket: Ticket, impact: int | None, urgency: int | None, priority: int | None = None
) -> Ticket:
    """Say impact and urgency; once both are known the shop's matrix gives the priority.

    `priority` stands in for the matrix, when a change is undone. The priority can be changed by hand afterwards.
    """
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if (ticket.impact, ticket.urgency) != (impact, urgency):
            ticket.impact, ticket.urgency = impact, urgency
            write(ticket, now, "impact", "urgency")
            data = {
                "impact": str(Impact(impact).label) if impact else "?",
                "urgency": str(Urgency(urgency).label) if urgency else "?",
            }
            record(actor=actor, verb="ticket.weighed", subject=ticket, now=now, data=data)
        if impact and urgency:
            priority = priority or weighed(ticket_settings().matrix, impact, urgency)
        if priority:
            ticket = change_priority(actor=actor, now=now, ticket=ticket, priority=priority)
    return ticket
