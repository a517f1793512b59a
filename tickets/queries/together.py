"""Tickets that belong together: merged ones, parent and children, likely twins, troubles that come again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q
from django_stubs_ext import StrOrPromise

from clients.models import Asset, Client, Contact
from tickets.choices import Recurs, Status
from tickets.models import ChildTicket, Merge, Ticket
from tickets.rules.likeness import RECURS_FROM, RECURS_WITHIN, alike, largest_alike, nearest

LOOKED_AT = 80  # of a client's tickets, when one of them may be what is being written down
OFFERED = 5
LISTED = 100


def standing(ticket: Ticket) -> Ticket:
    """Where a ticket lives on: itself, or what it was merged into. One query, and only when it was merged."""
    if ticket.merged_into_id is None:
        return ticket
    return Ticket.objects.select_related("client", "contact").get(pk=ticket.merged_into_id)


def merged_into(ticket: Ticket) -> list[Merge]:
    """What went into a ticket, the latest first."""
    rows = Merge.objects.filter(into=ticket, undone_at=None, ticket__merged_into=ticket)
    return list(rows.select_related("ticket").order_by("-at"))


def with_merged(ticket: Ticket) -> list[UUID]:
    """The ids under which a ticket's conversation and time are kept: its own and those of what was merged into it."""
    return [ticket.pk, *Ticket.objects.filter(merged_into=ticket).values_list("pk", flat=True)]


def merge_choices(ticket: Ticket) -> list[Ticket]:
    """Tickets of the same client that this one may be merged into, the likeliest first."""
    rows = Ticket.objects.filter(client=ticket.client_id, merged_into=None).exclude(pk=ticket.pk)
    recent = list(rows.filter(~Q(status=Status.SOLVED)).order_by("-number")[:LOOKED_AT])
    given = {"subject": ticket.subject, "asset": ticket.asset_id, "contact": ticket.contact_id}
    likely = nearest(recent, **given, limit=OFFERED)  # type: ignore[arg-type]
    return likely + [each for each in recent if each not in likely][: LISTED - len(likely)]


@dataclass(frozen=True)
class Family:
    """A ticket's parent, or its children."""

    parent: Ticket | None
    children: list[Ticket]

    @property
    def open_children(self) -> list[Ticket]:
        return [child for child in self.children if child.is_open]


ALONE = Family(None, [])


def family_of(ticket: Ticket) -> Family:
    """Two queries."""
    up = ChildTicket.objects.filter(child=ticket).select_related("parent", "parent__client").first()
    down = ChildTicket.objects.filter(parent=ticket).select_related("child", "child__client", "child__contact")
    return Family(up.parent if up else None, [link.child for link in down.order_by("child__number")])


def reworks_of(ticket: Ticket) -> list[Ticket]:
    """Tickets on which a mistake of this one is put right."""
    return list(Ticket.objects.filter(rework_of=ticket).defer("summary").order_by("number"))


def likely_twins(
    client: Client, *, subject: str, asset: UUID | None = None, contact: UUID | None = None
) -> list[Ticket]:
    """Open tickets of the client that may be what is being written down. One query."""
    rows = Ticket.objects.filter(~Q(status=Status.SOLVED), client=client).select_related("assignee").defer("summary")
    recent = list(rows.order_by("-number")[:LOOKED_AT])
    return nearest(recent, subject=subject, asset=asset, contact=contact, limit=OFFERED)


@dataclass(frozen=True)
class Recurrence:
    """A trouble that came again: what it is about, and the tickets, the latest first."""

    kind: Recurs
    about: str
    client: Client
    number: int
    tickets: Sequence[Ticket] = ()

    @property
    def label(self) -> StrOrPromise:
        return self.kind.label


def recurrences_of(ticket: Ticket, now: datetime) -> list[Recurrence]:
    """Whether a ticket is at least the third of its kind in RECURS_WITHIN. Two queries at most."""
    since = ticket.created_at - RECURS_WITHIN
    rows = Ticket.objects.filter(client=ticket.client_id, created_at__gt=since, created_at__lte=now, merged_into=None)
    rows = rows.defer("summary").order_by("-created_at")
    found = []
    if ticket.asset and len(same := list(rows.filter(asset=ticket.asset_id)[:LOOKED_AT])) >= RECURS_FROM:
        found.append(Recurrence(Recurs.ASSET, ticket.asset.name, ticket.client, len(same), same))
    if ticket.contact:
        same = alike(list(rows.filter(contact=ticket.contact_id)[:LOOKED_AT]), ticket.subject)
        if len(same) >= RECURS_FROM:
            found.append(Recurrence(Recurs.CONTACT, ticket.contact.name, ticket.client, len(same), same))
    return found


def recurrences(now: datetime) -> list[Recurrence]:
    """Every trouble of the shop that came at least RECURS_FROM times in RECURS_WITHIN, the latest first. Four queries."""
    rows = Ticket.objects.filter(created_at__gt=now - RECURS_WITHIN, merged_into=None)
    things = _often(rows.filter(asset__isnull=False), "asset")
    people = _often(rows.filter(contact__isnull=False), "contact")
    assets = Asset.objects.filter(pk__in=things).select_related("client").in_bulk()
    found = [Recurrence(Recurs.ASSET, assets[pk].name, assets[pk].client, n) for pk, n in things.items()]
    contacts = Contact.objects.filter(pk__in=people).select_related("client").in_bulk()
    theirs: dict[UUID, list[Ticket]] = {pk: [] for pk in people}
    for ticket in rows.filter(contact__in=people).defer("summary").order_by("-number"):
        theirs[ticket.contact_id].append(ticket)  # type: ignore[index]
    for pk, tickets in theirs.items():
        if len(same := largest_alike(tickets[:LOOKED_AT])) >= RECURS_FROM:
            found.append(Recurrence(Recurs.CONTACT, contacts[pk].name, contacts[pk].client, len(same), same))
    return found


def _often(rows: object, column: str) -> dict[UUID, int]:
    counted = rows.values(column).annotate(number=Count("pk"), last=Max("created_at"))  # type: ignore[attr-defined]
    often = counted.filter(number__gte=RECURS_FROM).order_by("-last", column)[:LISTED]
    return {row[column]: row["number"] for row in often}
