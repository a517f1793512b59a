"""Who else has a ticket open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

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
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in rows.exclude(member=me).select_related("member").order_by("doing", "member__name"):
        found[row.ticket_id].append(in_words(row))
    return {pk: ", ".join(words) for pk, words in found.items()}


def in_words(presence: Presence) -> str:
    """Maya is replying."""
    said = _("%(name)s is replying") if presence.doing == Doing.REPLYING else _("%(name)s is looking at it")
    return said % {"name": presence.member.name}
