"""The backup and restore of docs/operations.md, with its counts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from msp.launch.paths import ROOT
from msp.launch.postgres import APP, OWNER
from tests.plugin_services import OwnServices

COUNTS = ROOT / "deploy" / "counts.sql"
BACKUP = (ROOT / "deploy" / "backup.sql").read_text()
A_SHOP = "from tests.world import _shop; _shop('north', 'Northgate')"


def environment(services: OwnServices) -> dict[str, str]:
    """The commands of the page find their server by themselves, as inside the container."""
    paths = f"{services.postgres.binaries}:{os.environ['PATH']}"
    return os.environ | {"PGHOST": str(services.postgres.sockets), "PATH": paths}


def tool(services: OwnServices, name: str, *arguments: str, database: str, role: str = OWNER) -> str:
    argv = [services.postgres.binaries / name, "--dbname", services.postgres.url(role, database), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def counts(services: OwnServices, database: str, role: str = OWNER) -> str:
    return tool(services, "psql", "-X", "-qAt", "-f", str(COUNTS), database=database, role=role)


def back_up(services: OwnServices, script: str) -> subprocess.CompletedProcess[bytes]:
    """What operations.md types: the script comes by standard input and the dump by standard output."""
    argv = [services.postgres.binaries / "psql", "-X", "-U", OWNER, "-d", "mainstay", "-qAt"]
    return subprocess.run(argv, input=script.encode(), capture_output=True, check=False, env=environment(services))


def test_a_dump_by_the_owner_comes_back_whole(own_services: OwnServices, tmp_path: Path) -> None:
    own_services.manage("shell", "-c", A_SHOP)
    told, dump = tmp_path / "mainstay.counts", tmp_path / "mainstay.dump"
    done = back_up(own_services, BACKUP.replace("/tmp/mainstay.counts", str(told)))  # noqa: S108 - its place in the container
    assert (done.returncode, done.stderr) == (0, b"")
    dump.write_bytes(done.stdout)
    tool(own_services, "psql", "-X", "-c", f"CREATE DATABASE restored OWNER {OWNER}", database="postgres")
    tool(own_services, "pg_restore", "--no-owner", "--exit-on-error", str(dump), database="restored")

    assert "clients_client|2\n" in told.read_text()
    assert counts(own_services, "restored") == told.read_text()
    assert "clients_client|0\n" in counts(own_services, "restored", APP), "the policies came back, too"


def test_a_dump_that_fails_says_so(own_services: OwnServices) -> None:
    assert back_up(own_services, BACKUP.replace('"$MOMENT"', "nonsense")).returncode != 0
