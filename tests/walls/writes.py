"""What a post wrote where it had no business: rows of others, keys into others' rows, letters about others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db import connection

from clients.models import Client
from msp.tenancy.context import enter, system_scope
from msp.tenancy.walls import tenant_models
from tests.walls.actors import Actor
from tests.walls.plants import Place


@dataclass(frozen=True)
class Ground:
    """Rows that an actor must not touch: a whole shop's, or one client's."""

    tenant_id: int
    client_id: UUID | None = None


Prints = set[tuple[Ground, str, str | None]]


def grounds_of(actor: Actor, places: list[Place]) -> list[Ground]:
    """Everything that is not the actor's: other shops, and for a contact the shop's other clients."""
    found: dict[Ground, None] = {}
    for place in places:
        if place.shop is not actor.shop:
            found[Ground(place.shop.tenant.pk)] = None
        elif actor.contact is not None and place.client.client.pk != actor.contact.client_id:
            found[Ground(place.shop.tenant.pk, place.client.client.pk)] = None
    return list(found)


def prints_of(grounds: list[Ground]) -> Prints:
    """A fingerprint of every table for each ground, as the system of its shop sees it."""
    found: Prints = set()
    for ground in grounds:
        with enter(system_scope(ground.tenant_id)), connection.cursor() as cursor:
            cursor.execute(_sql(of_client=ground.client_id is not None), ground.__dict__)
            found |= {(ground, table, mark) for table, mark in cursor.fetchall()}
    return found


@cache
def _sql(*, of_client: bool) -> str:
    return " union all ".join(_tables(of_client))


def _tables(of_client: bool) -> Iterator[str]:
    for model in tenant_models():
        table = model._meta.db_table
        if not of_client:
            yield f"select '{table}', md5(string_agg(t::text, '' order by id)) from {table} t where tenant_id = %(tenant_id)s"
        elif model is Client or model.client_field() is not None:
            column = "id" if model is Client else "client_id"
            yield (
                f"select '{table}', md5(string_agg(t::text, '' order by id)) from {table} t"
                f" where tenant_id = %(tenant_id)s and {column} = %(client_id)s"
            )


def changed(before: Prints, after: Prints) -> list[str]:
    """The tables in which others' rows differ."""
    return sorted({table for _ground, table, _mark in before ^ after})


def grounds_in(prints: Prints) -> list[Ground]:
    return list(dict.fromkeys(ground for ground, _table, _mark in prints))
