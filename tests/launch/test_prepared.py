"""`up` prepares a database again as soon as it is not what this state of the code left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from msp.launch.postgres import OWNER, Postgres
from msp.launch.prepared import is_prepared
from tests.prepared import install, install_static


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    found = Postgres(tmp_path / "data", throwaway=True)
    install(found)
    install_static(found.base)
    found.start()
    yield found
    found.stop()


@pytest.mark.parametrize(
    "done_by_hand",
    [
        "comment on table django_migrations is 'of an older version 100'",
        "comment on table django_migrations is null",
        "delete from django_migrations where app = 'billing' and name = '0001_initial'",
        "drop table django_migrations",
    ],
)
def test_a_database_that_is_another_is_prepared_again(postgres: Postgres, done_by_hand: str) -> None:
    assert is_prepared(postgres.url(OWNER), postgres.base)
    connection = psycopg2.connect(postgres.url(OWNER))
    with connection, connection.cursor() as cursor:
        cursor.execute(done_by_hand)
    connection.close()
    assert not is_prepared(postgres.url(OWNER), postgres.base)


def test_static_files_that_are_gone_are_made_again(postgres: Postgres) -> None:
    (postgres.base / "static.stamp").unlink()
    assert not is_prepared(postgres.url(OWNER), postgres.base)
