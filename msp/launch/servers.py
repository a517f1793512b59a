"""The servers underneath an instance: embedded ones, or those that the environment names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from msp.launch.console import LaunchError
from msp.launch.postgres import APP, OWNER, TIMERS, Postgres
from msp.launch.processes import Program
from msp.launch.valkey import Valkey

DATABASE_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_TIMERS_URL")


@dataclass(frozen=True)
class Urls:
    """How to reach the servers: Postgres as each of the three roles, and Redis."""

    app: str
    owner: str
    timers: str
    redis: str

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.app,
            "DATABASE_OWNER_URL": self.owner,
            "DATABASE_TIMERS_URL": self.timers,
            "REDIS_URL": self.redis,
        }


def given_databases(env: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The database addresses of the environment, all three or none. Raises LaunchError for some."""
    found = [env.get(name, "") for name in DATABASE_VARIABLES]
    if not any(found):
        return None
    missing = [name for name, value in zip(DATABASE_VARIABLES, found, strict=True) if not value]
    if missing:
        raise LaunchError(
            f"With a database of your own, {' and '.join(missing)} must be set too: web and workers connect as a role "
            "that owns nothing, migrations and backups as the owner, timers as a third. deploy/initdb makes the roles."
        )
    return found[0], found[1], found[2]


class Servers:
    """The servers of one data directory. `start` them, then use `urls`; what the environment names isn't started."""

    def __init__(self, base: Path, env: Mapping[str, str], throwaway: bool = False) -> None:
        databases, redis = given_databases(env), env.get("REDIS_URL")
        self.own: list[Program] = []
        self.has_own_database = databases is None
        if databases is None:
            postgres = Postgres(base, throwaway)
            self.own.append(postgres)
            databases = postgres.url(APP), postgres.url(OWNER), postgres.url(TIMERS)
        if not redis:
            valkey = Valkey(base, throwaway)
            self.own.append(valkey)
            redis = valkey.url()
        self.urls = Urls(*databases, redis)

    def start(self) -> None:
        try:
            for service in self.own:
                service.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for service in reversed(self.own):
            service.stop()


@contextlib.contextmanager
def running(servers: Servers) -> Iterator[Servers]:
    servers.start()
    try:
        yield servers
    finally:
        servers.stop()
