"""What a post wrote where it had no business: rows of others, keys into others' rows, letters about others."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
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
Writes = dict[str, int]


def grounds_of(actor: Actor, places: list[Place]) -> list[Ground]:
    """Everything that is not the actor's: other shops, and for a contact the shop's other clients."""
    found: dict[Ground, None] = {}
    for place in places:
        if place.shop is not actor.shop:
            found[Ground(place.shop.tenant.pk)] = None
        elif actor.contact is not None and place.client.client.pk != actor.contact.client_id:
            found[Ground(place.shop.tenant.pk, place.client.client.pk)] = None
    return list(found)


def prints_of(grounds: list[Ground], tables: Container[str] | None = None) -> Prints:
    """A fingerprint of every table, or of some, for each ground, as the system of its shop sees it."""
    found: Prints = set()
    for ground in grounds:
        with enter(system_scope(ground.tenant_id)), connection.cursor() as cursor:
            if asked := " union all ".join(_questions(ground.client_id is not None, tables)):
                cursor.execute(asked, ground.__dict__)
                found |= {(ground, table, mark) for table, mark in cursor.fetchall()}
    return found


def _questions(of_client: bool, tables: Container[str] | None) -> Iterator[str]:
    for model in tenant_models():
        table = model._meta.db_table
        if tables is not None and table not in tables:
            continue
        if not of_client:
            yield f"select '{table}', md5(string_agg(t::text, '' order by id)) from {table} t where tenant_id = %(tenant_id)s"
        elif model is Client or model.client_field() is not None:
            column = "id" if model is Client else "client_id"
            yield (
                f"select '{table}', md5(string_agg(t::text, '' order by id)) from {table} t"
                f" where tenant_id = %(tenant_id)s and {column} = %(client_id)s"
            )


def writes_so_far() -> Writes:
    """How many rows of each table this transaction has written, those taken back included."""
    with connection.cursor() as cursor:
        cursor.execute("select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def written_since(then: Writes) -> set[str]:
    """The tables that this transaction has written to since `then`."""
    return {table for table, number in writes_so_far().items() if number != then.get(table, 0)}


def trespasses(before: Prints, since: Writes) -> list[str]:
    """The tables in which others' rows differ from `before`; only those written to since are read again."""
    tables = written_since(since)
    known = {each for each in before if each[1] in tables}
    return changed(known, prints_of(grounds_in(before), tables)) if tables else []


def changed(before: Prints, after: Prints) -> list[str]:
    """The tables in which others' rows differ."""
    return sorted({table for _ground, table, _mark in before ^ after})


def grounds_in(prints: Prints) -> list[Ground]:
    return list(dict.fromkeys(ground for ground, _table, _mark in prints))
