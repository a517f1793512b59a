"""Saying that one has a ticket open. No act, so nothing is written to the activity log."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from msp.accounts.models import Membership
from tickets.models import Presence, Ticket

_FORGET_AFTER = timedelta(hours=1)


def be_present(*, now: datetime, ticket: Ticket, member: Membership, doing: str) -> None:
    """`member` has the ticket open, and is looking at it or writing. Their rows of long ago go."""
    with transaction.atomic():
        Presence.objects.update_or_create(ticket=ticket, member=member, defaults={"doing": doing, "seen_at": now})
        Presence.objects.filter(member=member, seen_at__lt=now - _FORGET_AFTER).delete()
