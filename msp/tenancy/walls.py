"""The Postgres lock, built from the models after every migrate: policies, grants, composite keys.

Sources: PostgreSQL manual, "Row Security Policies" (5.9) and "CREATE POLICY". Only what differs from the catalogue is changed. Run as the owner role, which web and workers never use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from .catalogue import Right, Table, held_roles, tables
from .fields import TenantForeignKey
from .models import Tenant, TenantModel
from .scope import CLIENT_SQL, CONTACT_SQL, OWNER_SQL

# nullif: after a SET LOCAL has ended the setting reads as '' on that connection, not as NULL.
TENANT_SQL = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
AUDIENCE_SQL = "(select current_setting('app.audience', true))"
_ACTS = ("select", "update", "delete")
_PRIVATE = f"case when {AUDIENCE_SQL} = 'staff' then {OWNER_SQL} else contact_id = {CONTACT_SQL} end"
TIMER_READS = ("id", "tenant_id", "due_at", "state", "lease_until", "attempts")
TIMER_WRITES = ("lease_until", "attempts")
# What the app role may do with tables of no shop, where that is not everything.
GLOBAL_RIGHTS = {"django_migrations": ("select",), Tenant._meta.db_table: ("select", "insert", "update")}


def tenant_models() -> list[type[TenantModel]]:
    """Every concrete table of shops' rows."""
    return [m for m in apps.get_models(include_auto_created=True) if issubclass(m, TenantModel)]


def _by_audience(model: type[TenantModel], portal: str | None = None) -> str:
    """Which rows each audience may touch.

    A CASE and not AND/OR, because the planner cannot see the settings: it would take each comparison for one row in 200, believe
    that a shop of 100,000 tickets has one, and begin its joins at the wrong end (2.8 s instead of 3 ms, measured). It takes a
    CASE for one row in two.
    """
    field = model.client_field()
    nobody = f" or {field.column} is null" if field is not None and field.null else ""
    insiders = f"({CLIENT_SQL} is null or {field.column} = {CLIENT_SQL}{nobody})" if field is not None else "true"
    outsiders = f" when {AUDIENCE_SQL} = 'portal' then {portal}" if portal is not None else ""
    return f"case when {AUDIENCE_SQL} in ('staff', 'system') then {insiders}{outsiders} else false end"


def policies_of(model: type[TenantModel]) -> dict[str, str]:
    """Policy name -> its definition after `on <table>`, from the model's declared rules."""
    insiders = f"{TENANT_SQL} and {_by_audience(model)}"
    reads = f"{TENANT_SQL} and {_by_audience(model, model.portal.sql)}"
    app = settings.DATABASES["default"]["USER"]
    found = {
        "wall_select": f'for select to "{app}" using ({reads})',
        "wall_insert": f'for insert to "{app}" with check ({insiders})',
    }
    if not model.append_only:
        found["wall_update"] = f'for update to "{app}" using ({insiders}) with check ({insiders})'
        found["wall_delete"] = f'for delete to "{app}" using ({insiders})'
    if model.private:
        found |= {f"private_{act}": f'as restrictive for {act} to "{app}" using ({_PRIVATE})' for act in _ACTS}
    if model.due_row:
        timers = settings.DATABASES["timers"]["USER"]
        found["timers_select"] = f'for select to "{timers}" using (true)'
        found["timers_update"] = f'for update to "{timers}" using (true) with check (true)'
    return found | model.policies


def rights_of(model: type[TenantModel]) -> set[Right]:
    """The exact rights of the app and timers roles on a tenant table."""
    app, timers = held_roles()
    rights = {(app, "", each) for each in ("select", "insert", *(() if model.append_only else ("update", "delete")))}
    if model.due_row:
        rights |= {(timers, column, "select") for column in TIMER_READS}
        rights |= {(timers, column, "update") for column in TIMER_WRITES}
    return rights


def _has_client(model: type[TenantModel]) -> bool:
    return any(field.column == "client_id" for field in model._meta.local_fields)


def composite_keys(model: type[TenantModel]) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """(constraint name, referenced table, own columns, referenced columns) of every key to another tenant table."""
    for field in model._meta.local_fields:
        if not isinstance(field, TenantForeignKey):
            continue
        target = cast(type[TenantModel], field.remote_field.model)
        own, theirs = ["tenant_id", field.column], ["tenant_id", "id"]
        if field.column != "client_id" and _has_client(model) and _has_client(target):
            own.insert(1, "client_id")
            theirs.insert(1, "client_id")
        name = f"{model._meta.db_table}_{field.column}_wall"[:63]
        yield name, target._meta.db_table, tuple(own), tuple(theirs)


def constraints_of(model: type[TenantModel]) -> Iterator[tuple[str, str, str]]:
    """(table, name, definition as Postgres prints it) of the composite keys, each after the unique key it refers to."""
    for name, target, own, theirs in composite_keys(model):
        yield target, f"{target}_{'_'.join(theirs)}_wall"[:63], f"UNIQUE ({', '.join(theirs)})"
        key = f"FOREIGN KEY ({', '.join(own)}) REFERENCES {target}({', '.join(theirs)})"
        yield model._meta.db_table, name, f"{key} DEFERRABLE INITIALLY DEFERRED"


def build(connection: BaseDatabaseWrapper) -> None:
    """Bring the walls of every table up to date, all at once or not at all. What is right already is not touched or locked."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        found = tables(cursor)
        for statement in [*_tenant_tables(found), *_global_tables(found), *_schema(cursor)]:
            cursor.execute(statement)


def _tenant_tables(found: Mapping[str, Table]) -> Iterator[str]:
    models = [model for model in tenant_models() if model._meta.db_table in found]
    for model in models:
        table, actual = model._meta.db_table, found[model._meta.db_table]
        if not actual.secured:
            yield f'alter table "{table}" enable row level security'
            yield f'alter table "{table}" force row level security'
        yield from _policies(table, policies_of(model), actual.policies)
        yield from _rights(table, rights_of(model), actual.rights)
    done: set[str] = set()
    for model in models:
        for table, name, definition in constraints_of(model):
            if found[table].constraints.get(name) != definition and name not in done:
                done.add(name)
                if name in found[table].constraints:
                    yield f'alter table "{table}" drop constraint "{name}"'
                yield f'alter table "{table}" add constraint "{name}" {definition}'


def _policies(table: str, wanted: Mapping[str, str], actual: Mapping[str, str]) -> Iterator[str]:
    for name in actual:
        if wanted.get(name) != actual[name]:
            yield f'drop policy "{name}" on "{table}"'
    for name, definition in wanted.items():
        if actual.get(name) != definition:
            yield f'create policy "{name}" on "{table}" {definition}'
            quoted = definition.replace("'", "''")
            yield f"""comment on policy "{name}" on "{table}" is '{quoted}'"""


def _rights(table: str, wanted: set[Right], actual: set[Right]) -> Iterator[str]:
    if wanted == actual:
        return
    app, timers = held_roles()
    yield f'revoke all on "{table}" from public, "{app}", "{timers}"'
    for role, column, privilege in sorted(wanted):
        yield f'grant {privilege}{f" ({column})" if column else ""} on "{table}" to "{role}"'


def _global_tables(found: Mapping[str, Table]) -> Iterator[str]:
    app, _timers = held_roles()
    tenant_tables = {model._meta.db_table for model in tenant_models()}
    for table in sorted(found.keys() - tenant_tables):
        rights = GLOBAL_RIGHTS.get(table, ("select", "insert", "update", "delete"))
        yield from _rights(table, {(app, "", each) for each in rights}, found[table].rights)


def _schema(cursor: CursorWrapper) -> Iterator[str]:
    app, _timers = held_roles()
    for role in held_roles():
        cursor.execute("select has_schema_privilege(%s, 'public', 'usage')", [role])
        if not cursor.fetchone()[0]:
            yield f'grant usage on schema public to "{role}"'
    cursor.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S'"
        " and not (has_sequence_privilege(%s, oid, 'usage') and has_sequence_privilege(%s, oid, 'select'))",
        [app, app],
    )
    for (sequence,) in cursor.fetchall():
        yield f'grant usage, select on sequence "{sequence}" to "{app}"'
