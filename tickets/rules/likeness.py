"""How alike two tickets are, by what they are called: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from msp.search.rules import words_of

RECURS_WITHIN = timedelta(days=60)
RECURS_FROM = 3  # tickets about the same thing within that time
ALIKE = 0.5
OFFERED_FROM = 0.35
SHORTEST_WORD = 3


class Told(Protocol):
    """What tells a ticket apart from others of its client."""

    subject: str
    asset_id: UUID | None
    contact_id: UUID | None


T = TypeVar("T", bound=Told)


def likeness(one: str, other: str) -> float:
    """From 0 to 1: which part of the words of the shorter subject stands in the other. Short words do not count."""
    mine, theirs = _telling(one), _telling(other)
    shorter = min(len(mine), len(theirs))
    return len(mine & theirs) / shorter if shorter else 0.0


def _telling(subject: str) -> set[str]:
    # A word and its plural are one: "printer", "printers".
    return {word.removesuffix("s") for word in words_of(subject) if len(word) >= SHORTEST_WORD}


def nearness(told: Told, *, subject: str, asset: UUID | None, contact: UUID | None) -> float:
    """How likely a ticket is about what is being written down: mostly its words, then the same machine, then the same person."""
    same_thing = asset is not None and told.asset_id == asset
    same_person = contact is not None and told.contact_id == contact
    return 0.6 * likeness(told.subject, subject) + 0.35 * same_thing + 0.1 * same_person


def nearest(tickets: Iterable[T], *, subject: str, asset: UUID | None, contact: UUID | None, limit: int) -> list[T]:
    """The tickets worth offering, the likeliest first."""
    rated = [(nearness(t, subject=subject, asset=asset, contact=contact), t) for t in tickets]
    return [t for near, t in sorted(rated, key=lambda pair: -pair[0]) if near >= OFFERED_FROM][:limit]


def alike(tickets: Sequence[T], subject: str) -> list[T]:
    """Those whose subjects say the same."""
    return [ticket for ticket in tickets if likeness(ticket.subject, subject) >= ALIKE]


def largest_alike(tickets: Sequence[T]) -> list[T]:
    """The largest group of tickets that say the same as one of them."""
    groups = (alike(tickets, ticket.subject) for ticket in tickets)
    return max(groups, key=len, default=[])
