"""The Postgres lock, built from the models after every migrate: policies, grants, composite keys.

Sources: PostgreSQL manual, "Row Security Policies" (5.9) and "CREATE POLICY". Statements are idempotent; a policy whose text
changed is replaced. Run as the owner role, which web and workers never use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

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


def grants_of(model: type[TenantModel]) -> list[str]:
    """The exact rights of the app and timers roles on a tenant table."""
    table, app, timers = (
        model._meta.db_table,
        settings.DATABASES["default"]["USER"],
        settings.DATABASES["timers"]["USER"],
    )
    rights = "select, insert" if model.append_only else "select, insert, update, delete"
    found = [f'revoke all on "{table}" from "{app}", "{timers}"', f'grant {rights} on "{table}" to "{app}"']
    if model.due_row:
        found.append(
            f'grant select ({", ".join(TIMER_READS)}), update ({", ".join(TIMER_WRITES)}) on "{table}" to "{timers}"'
        )
    return found


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


def build(connection: BaseDatabaseWrapper) -> None:
    """Bring the walls of every tenant table up to date. Idempotent."""
    models = tenant_models()
    with connection.cursor() as cursor:
        cursor.execute("select tablename, policyname, obj_description(p.oid, 'pg_policy') from pg_policies v"
                       " join pg_policy p on p.polname = v.policyname and p.polrelid = format('%I.%I', schemaname, tablename)::regclass"
                       " where schemaname = 'public'")  # fmt: skip
        existing = {(table, name): text for table, name, text in cursor.fetchall()}
        cursor.execute("select conname from pg_constraint where conname like '%%\\_wall'")
        keys = {name for (name,) in cursor.fetchall()}
        tables = set(connection.introspection.table_names(cursor))
        for statement in _statements([m for m in models if m._meta.db_table in tables], existing, keys):
            cursor.execute(statement)
        for statement in _global_grants(tables):
            cursor.execute(statement)


def _statements(
    models: Iterable[type[TenantModel]], existing: dict[tuple[str, str], str | None], keys: set[str]
) -> Iterator[str]:
    models = list(models)
    for model in models:
        table = model._meta.db_table
        yield f'alter table "{table}" enable row level security'
        yield f'alter table "{table}" force row level security'
        wanted = policies_of(model)
        for name in [n for t, n in existing if t == table and n not in wanted]:
            yield f'drop policy "{name}" on "{table}"'
        for name, definition in wanted.items():
            if existing.get((table, name)) != definition:
                yield f'drop policy if exists "{name}" on "{table}"'
                yield f'create policy "{name}" on "{table}" {definition}'
                quoted = definition.replace("'", "''")
                yield f"""comment on policy "{name}" on "{table}" is '{quoted}'"""
        yield from grants_of(model)
    for model in models:
        for name, target, own, theirs in composite_keys(model):
            unique = f"{target}_{'_'.join(theirs)}_wall"[:63]
            if unique not in keys:
                keys.add(unique)
                yield f'alter table "{target}" add constraint "{unique}" unique ({", ".join(theirs)})'
            if name not in keys:
                yield (
                    f'alter table "{model._meta.db_table}" add constraint "{name}" foreign key ({", ".join(own)})'
                    f' references "{target}" ({", ".join(theirs)}) deferrable initially deferred'
                )


def _global_grants(tables: set[str]) -> Iterator[str]:
    app, timers = settings.DATABASES["default"]["USER"], settings.DATABASES["timers"]["USER"]
    yield f'grant usage on schema public to "{app}", "{timers}"'
    tenant_tables = {m._meta.db_table for m in tenant_models()}
    for table in sorted(tables - tenant_tables):
        yield f'revoke all on "{table}" from "{app}"'
        if table == "django_migrations":
            rights = "select"
        elif table == Tenant._meta.db_table:
            rights = "select, insert, update"
        else:
            rights = "select, insert, update, delete"
        yield f'grant {rights} on "{table}" to "{app}"'
    yield f'grant usage, select on all sequences in schema public to "{app}"'
