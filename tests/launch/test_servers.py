"""Servers start, come back after a crash, and leave nothing behind."""

from __future__ import annotations

import psycopg2
import pytest
import redis

from tests.plugin_services import OwnServices


def one(url: str, query: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
            return row[0] if row else None
    finally:
        connection.close()


def test_each_role_has_its_rights_and_no_more(own_services: OwnServices) -> None:
    rights = "SELECT array_agg((rolsuper, rolbypassrls, rolcreatedb)::text) FROM pg_roles WHERE rolname = current_user"
    assert one(own_services.env["DATABASE_OWNER_URL"], rights) == ["(f,t,t)"]
    assert one(own_services.env["DATABASE_URL"], rights) == ["(f,f,f)"]
    assert one(own_services.env["DATABASE_TIMERS_URL"], rights) == ["(f,f,f)"]


def test_only_the_owner_makes_tables(own_services: OwnServices) -> None:
    for name in ("DATABASE_URL", "DATABASE_TIMERS_URL"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            one(own_services.env[name], "CREATE TABLE t (id int)")


def test_a_killed_postgres_starts_again_with_what_was_committed(own_services: OwnServices) -> None:
    owner = psycopg2.connect(own_services.env["DATABASE_OWNER_URL"])
    with owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    own_services.postgres.kill()
    own_services.postgres.start()
    assert one(own_services.env["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == 42


def test_a_killed_valkey_starts_again_with_what_was_queued(own_services: OwnServices) -> None:
    redis.Redis.from_url(own_services.env["REDIS_URL"]).rpush("queue", "job")
    own_services.valkey.kill()
    own_services.valkey.start()
    assert redis.Redis.from_url(own_services.env["REDIS_URL"]).llen("queue") == 1
