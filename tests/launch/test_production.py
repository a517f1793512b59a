"""What docker-compose.yml and .env.example promise, as far as it shows without containers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from msp.launch.paths import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = [name for name, service in COMPOSE["services"].items() if service["image"].startswith("localhost/")]
PRODUCTION = {
    "BASE_URL": "https://desk.example.com",
    "SECRET_KEY": "a1B2c3D4e5" * 7,
    "MAINSTAY_LISTEN": "",
    "MAIL_HOST": "mail.example.com",
}


def test_a_deployment_by_the_book_leaves_nothing_to_warn_of() -> None:
    env = os.environ | PRODUCTION
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the tests' own
    argv = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_program_reads_what_stands_in_env() -> None:
    assert {"web", "worker", "scheduler", "receiver", "migrate"} == set(OURS)
    assert {name: COMPOSE["services"][name]["env_file"] for name in OURS} == dict.fromkeys(OURS, ".env")


@pytest.mark.parametrize("name", OURS)
def test_only_migrations_know_the_owners_password(name: str) -> None:
    service = COMPOSE["services"][name]
    knows = "owner_password" in service["secrets"], "DATABASE_OWNER_PASSWORD_FILE" in service["environment"]
    assert knows == ((True, True) if name == "migrate" else (False, False))


def test_the_settings_read_what_env_example_lists() -> None:
    example, settings = (ROOT / ".env.example").read_text(), (ROOT / "msp" / "settings.py").read_text()
    listed = re.findall(r"^# ([A-Z_]+(?:, [A-Z_]+)*) {2,}", example, re.MULTILINE)
    names = {name for line in listed for name in line.split(", ")}
    assert len(names) > 20
    assert {name for name in names if f'"{name}"' not in settings} == set()
