"""`prepare`: what an instance needs before its programs start, in one process: tables, walls, checks and static files."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from msp.launch.paths import ROOT
from msp.launch.prepared import TABLE, mark


class Command(BaseCommand):
    help = "Migrate, check the database as each role, and collect static files that have changed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, skip_checks=False)
        call_command("check", tags=[Tags.database], databases=list(settings.DATABASES))
        collect_static()
        mark_prepared()


def mark_prepared() -> None:
    """Let the next `up` see that this state of the code left the database like this."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"comment on table {TABLE} is %s", [mark(cursor)])


def collect_static() -> None:
    """Hash and compress the static files, unless nothing has changed since."""
    stamp, current = settings.STATIC_ROOT.with_name("static.stamp"), static_fingerprint()
    if stamp.exists() and stamp.read_text() == current:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current)


def static_fingerprint() -> str:
    """Changes with every static file of ours and, for those of the packages, with the lock."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        state = path.stat()
        digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
