"""The tests' own Postgres and Valkey, for `./mainstay test` and a bare `pytest` alike.

Importing this starts them and sets Django up, so that the plugins and conftests after it may import models. Under xdist the controller starts
them once and its workers inherit the addresses; each worker gets its own Redis database, and from pytest-django its
own Postgres database. DATABASE_URL and REDIS_URL of the shell are ignored: tests never touch a real instance.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import django
import pytest
from django.conf import settings

from msp.launch.environment import new_field_keys, program_environment
from msp.launch.instance import Instance
from msp.launch.paths import ROOT, data_directory
from msp.launch.postgres import APP, DATABASE, OWNER, TIMERS, Postgres
from msp.launch.servers import Servers, Urls
from msp.launch.valkey import Valkey
from tests.emptying import allow_emptying
from tests.prepared import install

DEEP = os.environ.get("MAINSTAY_DEEP") == "1"


def free_instance() -> Instance:
    """A data directory for this run; runs at the same time each get their own."""
    number = 1
    while True:
        instance = Instance(data_directory() / f"test{'' if number == 1 else number}")
        if instance.acquire():
            return instance
        number += 1


def start_for_this_run() -> None:
    instance = free_instance()
    servers = Servers(instance.base, {}, throwaway=True)
    for program in servers.own:  # what an earlier run left is worth nothing
        program.remove()
        if isinstance(program, Postgres):
            install(program)
    servers.start()
    for program in servers.own:
        if isinstance(program, Postgres):
            allow_emptying(program)
    atexit.register(instance.release)
    atexit.register(servers.stop)
    os.environ.update(program_environment(os.environ | test_settings(), instance.base, servers.urls, ""))


def test_settings() -> dict[str, str]:
    return {
        "SECRET_KEY": "only for tests",
        "MAINSTAY_FIELD_KEYS": new_field_keys(),
        "BASE_URL": "http://localhost:8000",
        "MAINSTAY_LISTEN": "loopback",
        "MAINSTAY_DEMO": "0",
        # Playwright keeps an event loop in the test's thread, and Django would refuse the database there.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }


if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["REDIS_URL"] += f"?db={int(worker.removeprefix('gw')) + 1}"
else:
    start_for_this_run()
# No collectstatic before a test, and no half second for each password.
settings.DATABASES["owner"]["TEST"]["TEMPLATE"] = DATABASE  # prepared: migrated already
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.WHITENOISE_AUTOREFRESH = True
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deep: only with ./mainstay test --deep")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("deep") and not DEEP:
            item.add_marker(pytest.mark.skip(reason="only with ./mainstay test --deep"))


@pytest.fixture(scope="session")
def scale() -> Callable[[int, int], int]:
    """`scale(small, deep)`: how much of a fuzz, fault or load test this run does."""
    return lambda small, deep: deep if DEEP else small


@dataclass
class OwnServices:
    """A Postgres and a Valkey that a fault test may restart and kill, and the environment to reach them."""

    postgres: Postgres
    valkey: Valkey
    env: dict[str, str]

    def manage(self, *command: str) -> str:
        """Run a management command against them; return its output. Raises CalledProcessError."""
        argv = [sys.executable, "manage.py", *command]
        return subprocess.run(argv, env=self.env, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def own_services(tmp_path: Path) -> Iterator[OwnServices]:
    """Servers of this test alone: same roles, and a migrated database `mainstay` without rows."""
    postgres, valkey = Postgres(tmp_path, throwaway=True), Valkey(tmp_path)
    install(postgres)
    urls = Urls(postgres.url(APP), postgres.url(OWNER), postgres.url(TIMERS), valkey.url())
    try:
        postgres.start()
        valkey.start()
        yield OwnServices(postgres, valkey, program_environment(os.environ, tmp_path, urls, ""))
    finally:
        for program in (valkey, postgres):
            program.kill()
            program.remove()
