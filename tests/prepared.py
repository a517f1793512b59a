"""A migrated cluster and collected static files to copy. Making them takes fifteen seconds of processor, and a whole run needs them
sixteen times.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from msp.launch.environment import program_environment
from msp.launch.paths import ROOT, data_directory
from msp.launch.postgres import APP, OWNER, TIMERS, Postgres
from msp.launch.prepared import STATIC, fingerprint
from msp.launch.processes import make_private
from msp.launch.servers import Urls
from msp.launch.valkey import Valkey

GIVEN = "MAINSTAY_TEST_PREPARED"


def install(postgres: Postgres) -> None:
    """Give a server that isn't started yet a cluster with the roles and a migrated, empty database `mainstay`."""
    made = Postgres(prepared(), throwaway=True)
    postgres.remove()
    make_private(postgres.base)
    make_private(postgres.home, postgres.identity.credentials)
    subprocess.run(["cp", "-a", made.data, postgres.data], check=True)


def install_static(base: Path) -> None:
    """Give the data directory `base` the static files as `prepare` leaves them."""
    subprocess.run(["cp", "-a", *(prepared() / name for name in STATIC), base], check=True)


def prepared() -> Path:
    """The data directory of an instance that was prepared by this state of the code, made now if there is none.

    A whole run uses the same one, whatever is edited meanwhile.
    """
    if GIVEN in os.environ:
        return Path(os.environ[GIVEN])
    store = data_directory() / "prepared"
    make_private(store)
    with (store / "lock").open("a") as lock:  # runs at the same time must not make it twice
        fcntl.flock(lock, fcntl.LOCK_EX)
        base = store / fingerprint()
        if not Postgres(base).data.exists():
            for old in store.glob("*/"):
                Postgres(old).remove()
                shutil.rmtree(old, ignore_errors=True)
            make(base)
    os.environ[GIVEN] = str(base)
    return base


def make(base: Path) -> None:
    """Make it beside its place and move the database there last: one that was killed half-way must not be found."""
    unfinished = Postgres(base.with_name("unfinished"), throwaway=True)
    unfinished.remove()
    addresses = Urls(*(unfinished.url(role) for role in (APP, OWNER, TIMERS)), Valkey(unfinished.base).url())
    try:
        unfinished.start()
        env = program_environment(os.environ, unfinished.base, addresses, "http://localhost")
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
    finally:
        unfinished.stop()
    postgres = Postgres(base)
    make_private(base)
    make_private(postgres.home, postgres.identity.credentials)
    for name in STATIC:
        (unfinished.base / name).rename(base / name)
    unfinished.data.rename(postgres.data)
    unfinished.remove()
    shutil.rmtree(unfinished.base)
