"""What clients thought of our work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from clients.models import Client
from tickets.choices import Face
from tickets.models import Rating, Ticket

COUNTED = timedelta(days=90)


def ratings(*, face: int | None = None, unanswered: bool = False) -> QuerySet[Rating]:
    """Ratings with their ticket, client and contact, not yet ordered."""
    found = Rating.objects.select_related("ticket", "client", "contact")
    if unanswered:
        return found.filter(face=Face.BAD, answered_at=None)
    return found.filter(face=face) if face else found


def rating_of(ticket: Ticket) -> Rating | None:
    return Rating.objects.filter(ticket=ticket).select_related("contact").first()


def unanswered() -> int:
    """Bad ratings that nobody took care of yet."""
    return Rating.objects.filter(face=Face.BAD, answered_at=None).count()


@dataclass(frozen=True)
class Satisfaction:
    """How many ratings of each face in COUNTED."""

    good: int
    fair: int
    bad: int

    @property
    def number(self) -> int:
        return self.good + self.fair + self.bad


def satisfaction(client: Client, now: datetime) -> Satisfaction:
    """One query."""
    rows = Rating.objects.filter(client=client, at__gt=now - COUNTED)
    faces = {name: Count("pk", filter=Q(face=Face[name.upper()])) for name in ("good", "fair", "bad")}
    return Satisfaction(**rows.aggregate(**faces))
