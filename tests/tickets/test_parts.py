"""What a ticket has is what is found when it is asked for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from msp.tenancy.context import enter
from tests.walls.plants import plant
from tests.world import World
from tickets.choices import Status
from tickets.models import Attachment, Task, Ticket
from tickets.queries.around import linked_to, watchers_of
from tickets.queries.parts import Part, parts_of
from tickets.queries.together import family_of, reworks_of, with_merged

pytestmark = pytest.mark.django_db


def found(ticket: Ticket) -> frozenset[Part]:
    """Each asked for by itself."""
    family = family_of(ticket)
    there: dict[Part, Any] = {
        Part.MERGED: with_merged(ticket)[1:],
        Part.FILES: Attachment.objects.filter(ticket=ticket),
        Part.TASKS: Task.objects.filter(ticket=ticket),
        Part.PARENT: family.parent,
        Part.CHILDREN: family.children,
        Part.REWORKS: reworks_of(ticket),
        Part.WATCHERS: watchers_of(ticket),
        Part.ASSETS: linked_to(ticket),
    }
    return frozenset(part for part, rows in there.items() if rows)


def test_it_has_what_is_found_and_nothing_else(world: World, django_assert_num_queries: Any) -> None:
    plant(world)
    seen: Counter[Part] = Counter()
    with enter(world.north.scope()):
        old, again = Ticket.objects.filter(client=world.north.one.client)
        Ticket.objects.filter(pk=again.pk).update(
            rework_of=old, merged_into=old, status=Status.SOLVED, solved_at=again.created_at
        )
        tickets = list(Ticket.objects.all())
        for ticket in tickets:
            with django_assert_num_queries(1):
                has = parts_of(ticket)
            assert has == found(ticket), ticket
            seen.update(has)
    assert {part for part in Part if seen[part] == 0} == set()
    assert seen[Part.MERGED] < len(tickets)


def test_nothing_of_another_shop(world: World) -> None:
    plant(world)
    with enter(world.north.scope()):
        rich = [ticket for ticket in Ticket.objects.all() if parts_of(ticket)]
    assert rich
    with enter(world.low.scope()):
        assert [parts_of(ticket) for ticket in rich] == [frozenset()] * len(rich)
