"""Who else has a ticket open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import ngettext

from msp.accounts.models import Membership
from tickets.choices import Doing
from tickets.models import Presence, Ticket
from tickets.rules import PRESENT_FOR


def others_on(ticket: Ticket, me: Membership, now: datetime) -> list[Presence]:
    """Everybody else who has the ticket open, who writes first. One query."""
    rows = Presence.objects.filter(ticket=ticket, seen_at__gt=now - PRESENT_FOR).exclude(member=me)
    return list(rows.select_related("member").order_by("doing", "member__name"))


def present_on(tickets: Iterable[Ticket], me: Membership, now: datetime) -> dict[UUID, str]:
    """For one page of tickets, who else is on each, in words. One query."""
    rows = Presence.objects.filter(ticket__in=[t.pk for t in tickets], seen_at__gt=now - PRESENT_FOR)
    found: dict[UUID, list[Presence]] = defaultdict(list)
    for row in rows.exclude(member=me).select_related("member").order_by("doing", "member__name"):
        found[row.ticket_id].append(row)
    return {pk: ", ".join(in_words(present)) for pk, present in found.items()}


def in_words(present: Iterable[Presence]) -> list[str]:
    """Maya is replying. Tom, Priya are looking at it."""
    names: dict[bool, list[str]] = {True: [], False: []}
    for presence in present:
        names[presence.doing == Doing.REPLYING].append(presence.member.name)
    return [_all_at_once(who, replying=replying) for replying, who in names.items() if who]


def _all_at_once(names: list[str], *, replying: bool) -> str:
    if replying:
        said = ngettext("%(names)s is replying", "%(names)s are replying", len(names))
    else:
        said = ngettext("%(names)s is looking at it", "%(names)s are looking at it", len(names))
    return said % {"names": ", ".join(names)}
