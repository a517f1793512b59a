"""`./mainstay up`: start everything in order, keep it running, stop it in order."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from msp.launch.console import LaunchError, say, tail, warn
from msp.launch.environment import program_environment
from msp.launch.instance import Instance, held, wait_for_holder
from msp.launch.paths import ROOT, data_directory
from msp.launch.ports import LOOPBACK_HOSTS, answers, is_loopback, reserve_port
from msp.launch.prepared import is_prepared
from msp.launch.processes import Backoff, Command, Program, spawn
from msp.launch.servers import Servers, given_databases

ANY_ADDRESSES = {"0.0.0.0", "::"}  # noqa: S104  compared with --host, never a default
MAIL_HOST, MAIL_PORT = "127.0.0.1", 8025  # of the SMTP door: a real mail server stands before it
READY_TIMEOUT = 90.0
SECOND_RUN_TIMEOUT = 180.0
# The worker finishes its task first; tasks are safe to run twice, so one that takes longer is cut.
STOP_TIMEOUT = 20.0
TOO_MANY_FAILURES = 8


class Stop(Exception):
    """Somebody asked us to stop."""


@dataclass
class Supervised:
    """A program together with when to start it again."""

    program: Program
    backoff: Backoff = field(default_factory=Backoff)
    is_down: bool = False


class Supervisor:
    def __init__(self, options: argparse.Namespace, instance: Instance) -> None:
        self.options = options
        self.instance = instance
        self.base = instance.base
        self.loopback = options.host in LOOPBACK_HOSTS
        self.no_demo = no_demo(options, os.environ)
        self.servers = Servers(self.base, os.environ)
        self.children: list[Command] = []
        self.reservation: socket.socket | None = None
        self.mail_reservation: socket.socket | None = None
        self.stopping = 0
        self.stop_reason = "an error"

    # --- the whole run ---

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._bring_up()
            self._watch()
        except Stop:
            return 0
        finally:
            self._bring_down()
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping += 1
        self.stop_reason = signal.Signals(number).name

    def _stop_if_asked(self) -> None:
        if self.stopping:
            raise Stop

    # --- up ---

    def _bring_up(self) -> None:
        self.instance.announce("up")
        self.servers.start()
        port, self.reservation = reserve_port(self.options.host, self.options.port)
        mail_port, self.mail_reservation = reserve_port(MAIL_HOST, int(os.environ.get("MAIL_IN_PORT") or MAIL_PORT))
        env = self._environment(address_of(self.options.host, port))
        say("Postgres and Valkey are ready")
        self._stop_if_asked()
        self._prepare(env)
        self.children = programs(env, self.base, self.options.host, port, mail_port)
        for child in self.children:
            child.start()
        self._wait_until_answering(port)
        self.instance.announce("up", env["BASE_URL"], env)
        say(f"Mainstay runs at {env['BASE_URL']}/ - logs are in {self.base}, Ctrl-C stops it")
        say(f"Mail for mailboxes that another server forwards to us is taken at {MAIL_HOST}:{mail_port}")
        if self.options.host in ANY_ADDRESSES:
            say(
                f"It answers to {' and '.join(names_in(env))} and to shops' own hosts. More names: ALLOWED_HOSTS=name,address"
            )
        if not self.no_demo:
            self._manage(env, "demo_logins", to_terminal=True)

    def _environment(self, base_url: str) -> dict[str, str]:
        env = program_environment(os.environ, self.base, self.servers.urls, base_url)
        env["MAINSTAY_LISTEN"] = "loopback" if self.loopback else "network"
        env["MAINSTAY_DEMO"] = "0" if self.no_demo else "1"
        return env

    def _prepare(self, env: Mapping[str, str]) -> None:
        if self._is_prepared():
            say("The database is as this version left it")
        else:
            self._manage(env, "prepare")
            say("The database is migrated and checked")
        if not self.no_demo:
            say("Preparing the demo; the first time this takes about a minute")
            self._manage(env, "seed_demo", to_terminal=True)
        elif self.options.demo is None:
            warn(f"No demo data: {self.no_demo}.")

    def _is_prepared(self) -> bool:
        """Never of a database or an address that others reach: there the checks look at what others may have changed."""
        return self.servers.has_own_database and self.loopback and is_prepared(self.servers.urls.owner, self.base)

    def _manage(self, env: Mapping[str, str], *command: str, to_terminal: bool = False) -> None:
        """Run a management command to its end; a request to stop ends it early."""
        log = self.base / "setup.log"
        with log.open("wb") as output:
            argv = [sys.executable, "manage.py", *command]
            process = spawn(argv, signal.SIGTERM, cwd=ROOT, env=env, output=None if to_terminal else output)
            while process.poll() is None:
                if self.stopping:
                    process.terminate()
                    process.wait()
                time.sleep(0.02)
        self._stop_if_asked()
        if process.returncode:
            raise LaunchError(f"manage.py {' '.join(command)} failed.\n{tail(log, 40)}")

    def _wait_until_answering(self, port: int) -> None:
        deadline = time.monotonic() + READY_TIMEOUT
        host = "127.0.0.1" if self.loopback or self.options.host in ANY_ADDRESSES else self.options.host
        while not answers(host, port):
            self._stop_if_asked()
            for child in self.children:
                if child.exit_code() is not None:
                    raise LaunchError(f"The {child.name} process ended. Its log {child.log} ends:\n{tail(child.log)}")
            if time.monotonic() > deadline:
                raise LaunchError(f"No answer from the web process. Its log ends:\n{tail(self.children[0].log)}")
            time.sleep(0.05)

    # --- keep running ---

    def _watch(self) -> None:
        watched = [Supervised(program) for program in (*self.servers.own, *self.children)]
        while True:
            self._stop_if_asked()
            for supervised in watched:
                self._look_after(supervised)
            time.sleep(0.2)

    def _look_after(self, supervised: Supervised) -> None:
        program, backoff = supervised.program, supervised.backoff
        if not supervised.is_down:
            code = program.exit_code()
            if code is None:
                return
            supervised.is_down = True
            delay = backoff.failed()
            if backoff.failures > TOO_MANY_FAILURES:
                raise LaunchError(f"{program.name} keeps ending. Its log {program.log} ends:\n{tail(program.log)}")
            say(f"{program.name} ended ({code}); starting it again" + (f" in {delay:.0f} s" if delay else ""))
        if backoff.is_due():
            program.start()
            backoff.restarted()
            supervised.is_down = False

    # --- down ---

    def _bring_down(self) -> None:
        started = time.monotonic()
        say(f"Stopping after {self.stop_reason}")
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in self.children:
            # A second Ctrl-C means: do not wait.
            child.wait_or_kill(STOP_TIMEOUT if self.stopping < 2 else 0)
        self.servers.stop()
        say(f"Stopped in {time.monotonic() - started:.1f} s")


def address_of(host: str, port: int) -> str:
    """What people type to reach a server that listens on `host`: by the machine's name where it listens everywhere."""
    name = "localhost" if host in LOOPBACK_HOSTS else socket.getfqdn() if host in ANY_ADDRESSES else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def names_in(env: Mapping[str, str]) -> list[str]:
    """The names that the installation answers to, besides those that the database knows."""
    given = env.get("ALLOWED_HOSTS", "").split(",")
    return [urlsplit(env["BASE_URL"]).hostname or "", *filter(None, given)]


def no_demo(options: argparse.Namespace, env: Mapping[str, str]) -> str:
    """Why there is no demo; empty for one. Its logins are public, so it is for this machine's own people only.

    Raises LaunchError where `--demo` asks for what must not be.
    """
    base_url, reason = env.get("BASE_URL", ""), ""
    if options.host not in LOOPBACK_HOSTS:
        reason = f"{options.host} is not this machine alone, and its logins are public"
    elif base_url and not is_loopback(base_url):
        reason = f"others come by {base_url}, and its logins are public"
    if options.demo and reason:
        raise LaunchError(f"No demo here: {reason}.")
    if options.demo is False:
        return "nobody wants it"
    if not reason and not options.demo and given_databases(env):
        return "the database is your own; --demo puts it there all the same"
    return reason


def programs(env: Mapping[str, str], base: Path, host: str, port: int, mail_port: int) -> list[Command]:
    """Web, worker, scheduler and the SMTP door. docs/decisions/0002 says why granian."""
    web = ["granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "2"]
    web += ["--blocking-threads", "2", "--no-ws", "--http", "1", "msp.wsgi:application"]
    celery = ["celery", "-A", "msp.celery"]
    worker = [*celery, "worker", "--loglevel", "info", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    beat = [*celery, "beat", "--loglevel", "info", "--schedule", str(base / "beat-schedule"), "--pidfile", ""]

    receiver = ["django", "receive_mail", "--host", MAIL_HOST, "--port", str(mail_port)]
    argvs = {"web": web, "worker": worker, "scheduler": beat, "receiver": receiver}
    return [
        Command(name, [sys.executable, "-m", *argv], env, ROOT, base / f"{name}.log") for name, argv in argvs.items()
    ]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./mainstay up", description="Start Mainstay and keep it running.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="first port to try")
    parser.add_argument("--no-demo", dest="demo", action="store_false", default=None, help="start without demo data")
    parser.add_argument("--demo", action="store_true", default=None, help="put it also into a database of one's own")
    return parser.parse_args(arguments)


def up(arguments: Sequence[str]) -> int:
    """Run the instance of this data directory; if it runs already, say where and succeed."""
    options = parse(arguments)
    instance = Instance(data_directory())
    while not instance.acquire():
        holder = instance.holder()
        if holder and holder.command != "up":
            say(f"Waiting for ./mainstay {holder.command} (process {holder.pid})")
        holder = wait_for_holder(instance, SECOND_RUN_TIMEOUT)
        if holder and holder.url:
            print(f"Mainstay runs already at {holder.url}/ (process {holder.pid})")
            return 0
    with held(instance):
        return Supervisor(options, instance).run()
