"""What Postgres' catalogue says of the tables in `public`: policies, rights and constraints as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

Right = tuple[str, str, str]  # role, column ("" for the whole table), privilege in small letters
PUBLIC = "public"

_TABLES = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity, exists(
    select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
"""
_POLICIES = """
select c.relname, p.polname, coalesce(obj_description(p.oid, 'pg_policy'), '')
from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = 'public'::regnamespace
"""
_CONSTRAINTS = """
select c.relname, k.conname, pg_get_constraintdef(k.oid) from pg_constraint k join pg_class c on c.oid = k.conrelid
where c.relnamespace = 'public'::regnamespace and k.contype in ('f', 'u')
"""
_RIGHTS = """
select g.relname, coalesce(r.rolname, 'public'), g.attname, lower(g.privilege_type) from (
    select c.relname, '' as attname, (aclexplode(c.relacl)).* from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    union all
    select c.relname, a.attname, (aclexplode(a.attacl)).* from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
) g left join pg_roles r on r.oid = g.grantee where g.grantee = 0 or r.rolname = any(%s)
"""
# Whoever is a member of such a role can act as it: the walls hold none of them.
_POWERFUL = """
select r.rolname from pg_roles r where pg_has_role(current_user, r.oid, 'MEMBER') and (
    r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication
    or r.rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
    or exists(select 1 from pg_database d where d.datname = current_database() and d.datdba = r.oid)
    or exists(select 1 from pg_namespace n where n.nspname = 'public' and n.nspowner = r.oid)
    or exists(select 1 from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p', 'v', 'm')))
order by r.rolname
"""
# What runs or was filled with its owner's eyes, past the policies of who asks.
_DETOURS = """
select 'view ' || relname || ' without security_invoker' from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'v'
    and not coalesce(reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
union all
select case relkind when 'm' then 'materialized view ' else 'foreign table ' end || relname from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('m', 'f')
union all
select 'security definer function ' || proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
order by 1
"""


@dataclass
class Table:
    """One table as it is. `secured`: row level security is on and binds its owner, too."""

    secured: bool
    has_tenant: bool
    policies: dict[str, str] = field(default_factory=dict)  # name -> the definition that its comment keeps
    constraints: dict[str, str] = field(default_factory=dict)  # name of a foreign or unique key -> its definition
    rights: set[Right] = field(default_factory=set)  # of the app role, the timers role and everybody


def held_roles() -> tuple[str, str]:
    """The roles that the walls hold: app and timers."""
    return settings.DATABASES["default"]["USER"], settings.DATABASES["timers"]["USER"]


def tables(cursor: Any) -> dict[str, Table]:
    """Every table in `public`, by name."""
    cursor.execute(_TABLES)
    found = {name: Table(secured, has_tenant) for name, secured, has_tenant in cursor.fetchall()}
    cursor.execute(_POLICIES)
    for table, name, definition in cursor.fetchall():
        found[table].policies[name] = definition
    cursor.execute(_CONSTRAINTS)
    for table, name, definition in cursor.fetchall():
        found[table].constraints[name] = definition
    cursor.execute(_RIGHTS, [list(held_roles())])
    for table, *right in cursor.fetchall():
        found[table].rights.add((right[0], right[1], right[2]))
    return found


def powerful_roles(cursor: Any) -> list[str]:
    """The roles that the connected one is or can become and that the walls do not hold."""
    cursor.execute(_POWERFUL)
    return [name for (name,) in cursor.fetchall()]


def detours(cursor: Any, excused: Mapping[str, str]) -> Iterable[str]:
    """Views and functions that show rows past the policies, but for the excused ones."""
    cursor.execute(_DETOURS)
    return [what for (what,) in cursor.fetchall() if what not in excused]
