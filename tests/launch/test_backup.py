"""The backup and restore of docs/operations.md, with its counts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from msp.launch.paths import ROOT
from msp.launch.postgres import APP, OWNER
from tests.plugin_services import OwnServices

COUNTS = ROOT / "deploy" / "counts.sql"
A_SHOP = "from tests.world import _shop; _shop('north', 'Northgate')"


def tool(services: OwnServices, name: str, *arguments: str, database: str, role: str = OWNER) -> str:
    argv = [services.postgres.binaries / name, "--dbname", services.postgres.url(role, database), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def counts(services: OwnServices, database: str, role: str = OWNER) -> str:
    return tool(services, "psql", "-X", "-At", "-f", str(COUNTS), database=database, role=role)


def test_a_dump_by_the_owner_comes_back_whole(own_services: OwnServices, tmp_path: Path) -> None:
    own_services.manage("migrate", "--verbosity", "0")
    own_services.manage("shell", "-c", A_SHOP)
    dump = str(tmp_path / "mainstay.dump")
    tool(own_services, "pg_dump", "-Fc", "-f", dump, database="mainstay")
    tool(own_services, "psql", "-X", "-c", f"CREATE DATABASE restored OWNER {OWNER}", database="postgres")
    tool(own_services, "pg_restore", "--no-owner", "--exit-on-error", dump, database="restored")

    assert "clients_client|2\n" in counts(own_services, "mainstay")
    assert counts(own_services, "restored") == counts(own_services, "mainstay")
    assert "clients_client|0\n" in counts(own_services, "restored", APP), "the policies came back, too"
