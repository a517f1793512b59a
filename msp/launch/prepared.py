"""Whether a database was prepared by this very state of the code: then `up` need not do it again, which takes longer than the rest.

The mark is a comment on the table of migrations, so that it goes where the tables go: a dump brought back carries the mark of what
made it. It says how many migrations there were, so that one taken back by hand is seen.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import psycopg2

from msp.launch.paths import ROOT
from msp.launch.postgres import find_binaries

APPS = ("msp", "clients", "tickets", "billing", "backups")
STATIC = ("static", "static.stamp")  # in the data directory
_LENGTH = 16
TABLE = "django_migrations"


def fingerprint() -> str:
    """Of all that decides what `prepare` makes: our code and static files, the versions of the libraries, Python and Postgres."""
    digest = hashlib.sha256(f"{sys.version}\0{find_binaries()}".encode())
    sources = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    static = [path for path in sorted((ROOT / "static").rglob("*")) if path.is_file()]
    for path in [ROOT / "requirements.lock", *sources, *static]:
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:_LENGTH]


def is_prepared(owner_url: str, base: Path) -> bool:
    """Whether database and data directory are as this state of the code leaves them."""
    if not all((base / name).exists() for name in STATIC):
        return False
    connection = psycopg2.connect(owner_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select obj_description(to_regclass(%s), 'pg_class')", [TABLE])
            (said,) = cursor.fetchone() or ("",)
            return bool(said) and said == mark(cursor)
    finally:
        connection.close()


def mark(cursor: Any) -> str:
    """What a database that was prepared just now says of itself."""
    cursor.execute(f"select count(*) from {TABLE}")  # noqa: S608  a constant
    (migrations,) = cursor.fetchone()
    return f"{fingerprint()} {migrations}"
