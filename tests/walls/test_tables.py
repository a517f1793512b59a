"""Every table of shops' rows in plain SQL, as the app role: what each scope sees of it, and that it changes nothing else."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from msp.tenancy.context import enter, system_scope
from msp.tenancy.scope import Audience, Scope
from msp.tenancy.walls import tenant_models
from tests.walls.plants import Place
from tests.world import World

Seen = dict[str, set[UUID]]
PRIVATE = [model._meta.db_table for model in tenant_models() if model.private]
MODELS = {model._meta.db_table: model for model in tenant_models()}


def seen(column: str = "id") -> dict[str, set[object]]:
    """Table → the values of a column in every row that is there for this transaction."""
    found = {}
    with connection.cursor() as cursor:
        for table in MODELS:
            cursor.execute(f'select "{column}" from "{table}"')
            found[table] = {value for (value,) in cursor.fetchall()}
    return found


def keys_of(places: list[Place], *, hidden: bool) -> Seen:
    """Table → the keys of the rows planted at these places, with or without what they hide."""
    wanted = [place for place in places if hidden or not place.hides]
    return {table: {place.rows[model].pk for place in wanted} for table, model in MODELS.items()}


def test_without_a_scope_no_table_shows_a_row(places: list[Place]) -> None:
    assert seen() == {table: set() for table in MODELS}


@pytest.mark.parametrize("audience", ["staff", "system", "portal"])
def test_without_a_tenant_an_audience_shows_nothing(places: list[Place], audience: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.audience', %s, true)", [audience])
    assert seen() == {table: set() for table in MODELS}


def test_without_an_audience_a_tenant_shows_nothing(world: World, places: list[Place]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.tenant_id', %s, true)", [str(world.north.tenant.pk)])
    assert seen() == {table: set() for table in MODELS}


def test_a_shop_sees_its_own_rows_in_every_table_and_no_others(world: World, places: list[Place]) -> None:
    for shop in (world.north, world.low):
        for scope in (shop.scope(), system_scope(shop.tenant.pk)):
            with enter(scope):
                own = {table: {shop.tenant.pk} for table in MODELS}
                assert seen("tenant_id") == own | {table: set() for table in PRIVATE}


def test_what_is_private_is_read_by_its_writer_and_the_owner_alone(world: World, places: list[Place]) -> None:
    north = world.north
    assert PRIVATE != []
    written = {table: {p.rows[MODELS[table]].pk for p in places if p.shop is north} for table in PRIVATE}
    by_anna = {table: {p.rows[MODELS[table]].pk for p in places if p.contact == north.one.anna} for table in PRIVATE}
    narrow = Scope(north.tenant.pk, Audience.SYSTEM, north.one.client.pk, north.one.anna.pk)
    for scope, wanted in (
        (replace(north.scope(), is_owner=True), written),
        (north.scope(), {table: set() for table in PRIVATE}),
        (system_scope(north.tenant.pk), {table: set() for table in PRIVATE}),
        (north.portal_scope(north.one.anna), by_anna),
        (narrow, by_anna),
    ):
        with enter(scope):
            assert {table: seen()[table] for table in PRIVATE} == wanted


def test_a_contact_sees_what_its_rule_opens_and_nothing_of_another_client(world: World, places: list[Place]) -> None:
    mine = [place for place in places if place.client is world.north.one]
    others = [place for place in places if place.client is not world.north.one]
    with enter(world.north.portal_scope(world.north.one.anna)):
        found = seen()
    assert {table: rows for table, rows in found.items() if is_closed(table) and rows} == {}
    for table, rows in found.items():
        if of_clients(table):
            assert rows & keys_of(others, hidden=True)[table] == set(), table
            hidden = keys_of(mine, hidden=True)[table] - keys_of(mine, hidden=False)[table]
            assert rows & hidden == set(), table
    opened = [table for table in MODELS if of_clients(table) and not is_closed(table)]
    assert [table for table in opened if not found[table] & keys_of(mine, hidden=False)[table]] == []


def is_closed(table: str) -> bool:
    return MODELS[table].portal.sql is None


def of_clients(table: str) -> bool:
    return table == "clients_client" or MODELS[table].client_field() is not None


def test_acting_for_a_contact_stays_with_its_client(world: World, places: list[Place]) -> None:
    """The system's scope narrowed to a client, in which a contact's act runs: not one row of another client."""
    one = world.north.one
    others = keys_of([place for place in places if place.client is not one], hidden=True)
    with enter(Scope(world.north.tenant.pk, Audience.SYSTEM, one.client.pk, one.anna.pk)):
        found = seen()
    assert {table: found[table] & others[table] for table in MODELS if of_clients(table)} == {
        table: set() for table in MODELS if of_clients(table)
    }


def test_nothing_of_others_can_be_changed(world: World, places: list[Place]) -> None:
    north = world.north
    foreign = f"tenant_id <> {north.tenant.pk}"
    for table in MODELS:
        with enter(north.scope()):
            assert touched(f'update "{table}" set tenant_id = tenant_id where {foreign}') == 0, table
            assert touched(f'delete from "{table}" where {foreign}') == 0, table
        with enter(north.portal_scope(north.one.anna)):
            assert touched(f'update "{table}" set tenant_id = tenant_id') == 0, table
            assert touched(f'delete from "{table}"') == 0, table


def touched(statement: str) -> int:
    """How many rows a statement changes before it is undone; refused outright is none."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            changed = int(cursor.rowcount)
            transaction.set_rollback(True)
    except ProgrammingError as refusal:
        if "permission denied" not in str(refusal):
            raise
        return 0
    return changed
