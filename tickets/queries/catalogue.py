"""The shop's categories, fields and labels, as pages and actions ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from tickets.choices import FieldKind, Needed
from tickets.models import Category, CustomField, Label, Ticket, TicketLabel
from tickets.rules.kinds import is_answered


@dataclass(frozen=True)
class Branch:
    """A category with its parts."""

    category: Category
    parts: list[Category]


def branches() -> list[Branch]:
    """The living categories in the shop's order. One query."""
    rows = list(Category.objects.living().order_by("position", "name"))
    parts: dict[UUID, list[Category]] = defaultdict(list)
    for row in rows:
        if row.parent_id:
            parts[row.parent_id].append(row)
    return [Branch(row, parts[row.pk]) for row in rows if row.parent_id is None]


def category_choices(found: Iterable[Branch], nothing: str) -> list[tuple[str, str]]:
    """For a form's select: "Network", "Network / Wi-Fi"."""
    choices = [("", nothing)]
    for branch in found:
        choices.append((str(branch.category.pk), branch.category.name))
        choices += [(str(part.pk), f"{branch.category.name} / {part.name}") for part in branch.parts]
    return choices


def within(category_id: UUID) -> list[UUID]:
    """A category and its parts, to filter by."""
    return list(Category.objects.filter(Q(pk=category_id) | Q(parent=category_id)).values_list("pk", flat=True))


def fields_of(category: Category | None) -> list[CustomField]:
    """The living fields asked about a category: its parent's and its own. One query, none without a category."""
    if category is None:
        return []
    about = [key for key in (category.parent_id, category.pk) if key]
    rows = CustomField.objects.living().filter(category__in=about)
    return sorted(rows, key=lambda row: (row.category_id == category.pk, row.position, row.name))


def all_fields() -> list[CustomField]:
    """The living fields of all categories, with their categories, in the shop's order. One query."""
    rows = CustomField.objects.living().select_related("category")
    return list(rows.order_by("category__position", "category__name", "position", "name"))


def missing(fields: Sequence[CustomField], answers: dict[str, Any], needed: Needed) -> list[str]:
    """The names of fields that have no answer although they must by then."""
    return [each.name for each in fields if each.needed == needed and not is_answered(answers.get(str(each.pk)))]


@dataclass(frozen=True)
class Said:
    """A field with its answer, ready to be read. `value` is a date for a date field."""

    field: CustomField
    value: Any
    is_said: bool


def said_on(ticket: Ticket) -> list[Said]:
    """What the ticket's page shows of its fields."""
    return [_said(each, ticket.answers.get(str(each.pk))) for each in fields_of(ticket.category)]


def _said(field: CustomField, kept: Any) -> Said:
    if field.kind == FieldKind.DATE and is_answered(kept):
        kept = date.fromisoformat(kept)
        return Said(field, kept, True)
    return Said(field, kept, is_answered(kept) or (field.kind == FieldKind.CHECKBOX and kept is False))


def living_labels() -> list[Label]:
    return list(Label.objects.living().order_by("name"))


def labels_on(tickets: Iterable[Ticket]) -> dict[UUID, list[Label]]:
    """The labels of each of one page's tickets, by name. One query."""
    rows = TicketLabel.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).select_related("label")
    found: dict[UUID, list[Label]] = defaultdict(list)
    for row in rows.order_by("label__name"):
        found[row.ticket_id].append(row.label)
    return found
