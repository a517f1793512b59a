"""Parts and expenses of a ticket, and of what was merged into it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from billing.models import Part
from billing.rules.margins import margin
from tickets.models import Ticket


@dataclass(frozen=True)
class PartRow:
    """`margin` in percent of the price; None where nothing is charged."""

    part: Part
    margin: Decimal | None


def parts_of(ticket: Ticket) -> list[PartRow]:
    """What stands on it, the first first. One query."""
    mine = Q(ticket=ticket) | Q(ticket__merged_into=ticket)
    rows = Part.objects.filter(mine, removed_at=None).select_related("ticket", "line__invoice")
    return [PartRow(part, margin(part.cost, part.price)) for part in rows.order_by("added_at", "id")]
