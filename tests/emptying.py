"""Emptying the tests' database after a test that committed.

Django's own way truncates two hundred tables and fills the content types anew, which takes longer than most tests.
"""

from __future__ import annotations

from functools import cache

import psycopg2
from django.db import connections, transaction
from django.test import TransactionTestCase
from psycopg2 import sql

from msp.launch.postgres import OWNER, Postgres

# Made with the tables, and the same after every test.
KEPT = {"django_content_type", "auth_permission"}


def allow_emptying(postgres: Postgres) -> None:
    """Let the owner delete rows without triggers, some of which refuse just that. Only the tests' own cluster may."""
    with psycopg2.connect(postgres.url("postgres", "postgres")) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("grant set on parameter session_replication_role to {}").format(sql.Identifier(OWNER)))
    connection.close()


def empty(alias: str) -> None:
    """Delete all rows of a database, as the role of `alias`."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(
            " union all ".join(f"select '{each}' where exists (select from \"{each}\")" for each in tables(alias))
        )
        full = [table for (table,) in cursor.fetchall()]
        cursor.execute("set local session_replication_role = replica")
        for table in full:
            cursor.execute(f'delete from "{table}"')


@cache
def tables(alias: str) -> list[str]:
    names = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - KEPT)


def after_each_test(case: TransactionTestCase) -> None:
    """In the place of TransactionTestCase._fixture_teardown."""
    for alias in case._databases_names(include_mirrors=False):
        empty(alias)
