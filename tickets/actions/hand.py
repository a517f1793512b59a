"""A ticket whose clocks an act changes, and its place in the queues, which follows once at the act's end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from clients.models import Promise
from tickets.models import SlaClock, Ticket
from tickets.queries.sla import clocks_of, next_clock_at

from .rows import place


@dataclass
class Hand:
    """A ticket whose clocks an act changes: the newest that is known of it, and all its clocks once they were asked for."""

    ticket: Ticket
    clocks: list[SlaClock] | None = None


_IN_HAND: ContextVar[Hand | None] = ContextVar("ticket_whose_clocks_are_in_hand", default=None)


def follow_promise(*, promise: Promise) -> None:
    """A promise about a ticket changed, by whatever act: the ticket takes its place in the queues anew."""
    hand = _IN_HAND.get()
    if hand is not None and hand.ticket.pk == promise.subject_id:
        return
    ticket = Ticket.objects.filter(pk=promise.subject_id).first()
    if ticket is not None:
        follow_ticket(ticket)


@contextmanager
def in_hand(ticket: Ticket) -> Iterator[Hand]:
    """Many promises change in one act: the ticket's clocks are read once, and its next deadline is looked up once, at its end."""
    hand = _IN_HAND.get()
    if hand is not None and hand.ticket.pk == ticket.pk:
        hand.ticket = ticket
        yield hand
        return
    hand = Hand(ticket)
    token = _IN_HAND.set(hand)
    try:
        yield hand
    finally:
        _IN_HAND.reset(token)
    follow_ticket(hand.ticket)


def clocks_in_hand(ticket: Ticket) -> list[SlaClock]:
    """The clocks of the ticket in hand, each with its promise as it stands now."""
    hand = _IN_HAND.get()
    if hand is None or hand.ticket.pk != ticket.pk:
        return clocks_of(ticket)
    if hand.clocks is None:
        hand.clocks = clocks_of(ticket)
    return hand.clocks


def follow_ticket(ticket: Ticket) -> None:
    """Give a ticket the place in the queues that its next deadline asks for."""
    found = next_clock_at(ticket)
    if found != ticket.next_clock_at:
        ticket.next_clock_at = found
        place(ticket)
        ticket.save(update_fields=["next_clock_at", "queue_at"])
