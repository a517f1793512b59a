"""Web and workers do not start as a role that could walk through the walls."""

from __future__ import annotations

import subprocess
import sys

import pytest

from msp.launch.paths import ROOT
from tests.plugin_services import OwnServices

PROGRAMS = {
    "web": ["granian", "--interface", "wsgi", "--port", "0", "msp.wsgi:application"],
    "worker": ["celery", "-A", "msp.celery", "worker", "--pool", "solo", "--without-mingle", "--without-gossip"],
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_TIMERS_URL"])
def test_an_owning_role_is_refused(own_services: OwnServices, program: str, variable: str) -> None:
    env = own_services.env | {variable: own_services.env["DATABASE_OWNER_URL"]}
    argv = [sys.executable, "-m", *PROGRAMS[program]]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "refusing to start" in done.stdout + done.stderr
