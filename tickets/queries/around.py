"""Who follows a ticket, and the equipment linked to it."""

from __future__ import annotations

from clients.models import Asset, Contact
from msp.accounts.models import Membership
from tickets.models import LinkedAsset, Ticket, Watcher


def watchers_of(ticket: Ticket) -> list[Watcher]:
    """Everybody who follows it, staff first. One query."""
    rows = Watcher.objects.filter(ticket=ticket).select_related("member", "contact")
    return sorted(rows, key=lambda row: (row.member_id is None, row.person.name))


def linked_to(ticket: Ticket) -> list[Asset]:
    """The equipment beside the ticket's first, by name. One query."""
    rows = LinkedAsset.objects.filter(ticket=ticket).select_related("asset")
    return sorted((row.asset for row in rows), key=lambda asset: asset.name)


def is_watched_by(ticket: Ticket, contact: Contact) -> bool:
    return Watcher.objects.filter(ticket=ticket, contact=contact).exists()


def watching_staff(ticket: Ticket) -> list[Membership]:
    """The members who hear of it, in the order in which they are told."""
    rows = Watcher.objects.filter(ticket=ticket, member__isnull=False).select_related("member", "member__user")
    return sorted((row.member for row in rows), key=lambda member: member.pk)
