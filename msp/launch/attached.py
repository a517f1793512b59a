"""Commands that work on an instance: join the running one, or run its servers for as long as they take."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

from msp.launch.console import LaunchError, say
from msp.launch.environment import program_environment
from msp.launch.instance import SHARED_VARIABLES, Instance, held, wait_for_holder
from msp.launch.paths import ROOT, data_directory
from msp.launch.servers import Servers, Urls, running

JOIN_TIMEOUT = 180.0


@contextlib.contextmanager
def instance_environment(command: str) -> Iterator[dict[str, str]]:
    """The environment of the instance, whose servers run at least until the end of the block."""
    instance = Instance(data_directory())
    while not instance.acquire():
        holder = wait_for_holder(instance, JOIN_TIMEOUT)
        if holder and holder.env:
            yield program_environment(os.environ, instance.base, urls_of(holder.env), holder.env["BASE_URL"])
            return
    with held(instance):
        instance.announce(command)
        with running(Servers(instance.base, os.environ)) as servers:
            yield program_environment(os.environ, instance.base, servers.urls, "http://localhost:8000")


def urls_of(env: dict[str, str]) -> Urls:
    return Urls(env["DATABASE_URL"], env["DATABASE_OWNER_URL"], env["DATABASE_TIMERS_URL"], env["REDIS_URL"])


def run_program(argv: Sequence[str], env: dict[str, str]) -> int:
    """Run a program in the foreground: Ctrl-C is its business, and we outlive it to stop the servers."""
    process = subprocess.Popen(argv, env=env, cwd=ROOT)
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, previous)


def manage(arguments: Sequence[str]) -> int:
    with instance_environment("manage") as env:
        return run_program([sys.executable, "manage.py", *arguments], env)


def bench(arguments: Sequence[str]) -> int:
    """Run tests/bench on servers of its own, so that figures never depend on what an instance holds."""
    base = data_directory() / "bench"
    with running(Servers(base, {}, throwaway=True)) as servers:
        env = program_environment(os.environ, base, servers.urls, "http://localhost:8000")
        return run_program([sys.executable, "-m", "tests.bench", *arguments], env | {"MAINSTAY_LISTEN": "loopback"})


def show_environment(arguments: Sequence[str]) -> int:
    """Print the addresses of the running instance, ready for `eval`."""
    instance = Instance(data_directory())
    holder = instance.holder()
    if not (instance.is_held() and holder and holder.env):
        raise LaunchError("Mainstay is not running here. Start it with ./mainstay up.")
    for name in SHARED_VARIABLES:
        print(f"export {name}={shlex.quote(holder.env[name])}")
    return 0


def reset(arguments: Sequence[str]) -> int:
    """Delete the data directory: database, files, secrets."""
    instance = Instance(data_directory())
    if not instance.acquire():
        raise LaunchError("Mainstay is running here. Stop it first.")
    with held(instance):
        if "--yes" not in arguments and not confirmed(str(instance.base)):
            return 1
        for program in Servers(instance.base, os.environ).own:
            program.remove()
        shutil.rmtree(instance.base)
    say(f"{instance.base} is gone; ./mainstay up starts afresh")
    return 0


def confirmed(what: str) -> bool:
    print(f"This deletes {what} with its database, files and keys. There is no way back.")
    return input("Type yes to go on: ").strip() == "yes"
