"""The files of a conversation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from msp.accounts.models import Membership
from tickets.models import Attachment


def files_on(tickets: Sequence[UUID]) -> list[Attachment]:
    """Every file of the tickets that the asking person's wall lets through; sent and held, oldest first."""
    rows = Attachment.objects.filter(ticket__in=tickets).select_related("file", "ticket")
    return list(rows.order_by("added_at", "id"))


def by_message(files: Iterable[Attachment]) -> dict[UUID, list[Attachment]]:
    """The sent ones, by the message they went with."""
    found: dict[UUID, list[Attachment]] = defaultdict(list)
    for each in files:
        if each.message_id:
            found[each.message_id].append(each)
    return found


def held_of(files: Iterable[Attachment], me: Membership) -> list[Attachment]:
    """What a member's composer holds."""
    return [each for each in files if each.message_id is None and each.holder_id == me.pk]
