"""A migrated cluster to copy. Migrating an empty database takes ten seconds of processor, and a whole run needs sixteen of them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

from msp.launch.environment import program_environment
from msp.launch.paths import ROOT, data_directory
from msp.launch.postgres import APP, OWNER, TIMERS, Postgres, find_binaries
from msp.launch.processes import make_private
from msp.launch.servers import Urls
from msp.launch.valkey import Valkey

APPS = ("msp", "clients", "tickets", "billing", "backups")
FINGERPRINT_LENGTH = 16


def fingerprint() -> str:
    """Of everything that can decide what `migrate` makes: our code, the versions of the libraries, Python and Postgres."""
    digest = hashlib.sha256(f"{sys.version}\0{find_binaries()}".encode())
    sources = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    for path in [ROOT / "requirements.lock", *sources]:
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:FINGERPRINT_LENGTH]


def install(postgres: Postgres) -> None:
    """Give a server that isn't started yet a cluster with the roles and a migrated, empty database `mainstay`."""
    store = data_directory() / "prepared"
    make_private(store)
    with (store / "lock").open("a") as lock:  # runs at the same time must not make it twice
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = Postgres(store / fingerprint(), throwaway=True)
        if not made.data.exists():
            for old in store.glob("*/"):
                Postgres(old).remove()
                shutil.rmtree(old, ignore_errors=True)
            make(made)
        postgres.remove()
        make_private(postgres.base)
        make_private(postgres.home, postgres.identity.credentials)
        subprocess.run(["cp", "-a", made.data, postgres.data], check=True)


def make(postgres: Postgres) -> None:
    """Make the cluster beside its place and move it there whole: one that was killed half-way must not be found."""
    unfinished = Postgres(postgres.base.with_name("unfinished"), throwaway=True)
    unfinished.remove()
    addresses = Urls(*(unfinished.url(role) for role in (APP, OWNER, TIMERS)), Valkey(unfinished.base).url())
    try:
        unfinished.start()
        env = program_environment(os.environ, unfinished.base, addresses, "http://localhost")
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=env, cwd=ROOT, check=True)
    finally:
        unfinished.stop()
    make_private(postgres.base)
    make_private(postgres.home, postgres.identity.credentials)
    unfinished.data.rename(postgres.data)
    unfinished.remove()
