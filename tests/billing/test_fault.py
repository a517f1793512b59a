"""Workers die at random, Postgres stops at once, Redis forgets everything and the mail server has moods: each invoice is numbered,
rendered and mailed once all the same, and what nobody can know stands there as unknown."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from redis import Redis

from msp.launch.paths import ROOT
from tests.plugin_services import OwnServices

ANSWERS = {"421": "421 4.3.2 closing", "451": "451 4.7.1 come back later", "550": "550 5.1.1 nobody here"}
PATIENCE = 1800.0  # seconds until a run that gets nowhere is a failure
WORKERS = 2
SEED = int(os.environ.get("MAINSTAY_SEED", random.SystemRandom().randrange(10**6)))  # printed, to repeat a run by


@dataclass
class Postbox:
    """The recipients' mail server: what it has taken. It refuses for now or for good, dawdles, and hangs up after the last byte."""

    dice: random.Random
    got: list[str] = field(default_factory=list)  # Message-IDs
    refused: set[str] = field(default_factory=set)  # for good
    moods: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        head = bytes(envelope.content or b"").decode(errors="replace")
        key = next(line for line in head.splitlines() if line.lower().startswith("message-id:")).split()[1]
        weights = {"taken": 70, "421": 6, "451": 8, "550": 5, "slow": 6, "cut": 5}
        mood = "550" if key in self.refused else self.dice.choices(list(weights), list(weights.values()))[0]
        self.moods[mood] += 1
        if mood in ANSWERS:
            self.refused |= {key} if mood == "550" else set()
            return ANSWERS[mood]
        if mood == "slow":
            await asyncio.sleep(1.5)
        self.got.append(key)
        if mood == "cut":
            server.transport.abort()  # type: ignore[union-attr]  # open while it talks to us
        return "250 taken"


@dataclass
class Crew:
    """Real Celery workers and a scheduler, of which any may be killed and started again."""

    env: dict[str, str]
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)  # where in its log the life of each begins

    def start(self, name: str) -> None:
        celery = [sys.executable, "-m", "celery", "-A", "tests.billing.fault"]
        schedule = ["beat", "--schedule", str(self.logs / "beat"), "--pidfile", ""]
        work = ["worker", "--concurrency", "1", "--without-mingle", "--without-gossip", "--hostname", f"{name}@fault"]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.begun[name] = log.tell()
            argv = [*celery, *(schedule if name == "beat" else work)]
            self.running[name] = subprocess.Popen(
                argv, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def is_up(self, name: str) -> bool:
        """Whether it has come up since it was last started: who is killed while starting proves nothing."""
        return b"ready." in (self.logs / f"{name}.log").read_bytes()[self.begun[name] :] or name == "beat"

    def kill(self, name: str) -> None:
        """As a machine that loses power: the worker and the process it forked, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()


@contextmanager
def crew_of(env: dict[str, str], logs: Path) -> Iterator[Crew]:
    crew = Crew(env, logs)
    try:
        yield crew
    finally:
        for name in crew.running:
            crew.kill(name)


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    box = Postbox(random.Random(SEED))  # noqa: S311
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield box, controller.port
    controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def ask(services: OwnServices, sql: str) -> list[tuple[Any, ...]]:
    """Read as the owner, whom no policy binds."""
    with psycopg2.connect(services.env["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def unfinished(services: OwnServices) -> int:
    """Invoices that are not yet issued, rendered and mailed."""
    [(number,)] = ask(
        services,
        "select count(*) from billing_invoice i where not exists (select 1 from billing_dispatch d"
        " join mail_outgoingmail m on m.id = d.mail_id where d.invoice_id = i.id and m.state in ('sent', 'unknown', 'failed'))",
    )
    return int(number)


def set_the_stage(services: OwnServices, mail_port: int, number: int) -> None:
    """A migrated database with `number` invoices due, and workers that will mail to our postbox."""
    services.env |= {
        "MAIL_HOST": "127.0.0.1",
        "MAIL_PORT": str(mail_port),
        "MAIL_SECURITY": "none",
        "MAIL_CAPTURE": "0",
    }
    argv = [sys.executable, "-m", "tests.billing.fault", str(number)]
    subprocess.run(argv, env=services.env, cwd=ROOT, check=True)


def assert_each_left_once(services: OwnServices, box: Postbox, number: int, seed: int) -> dict[str, str]:
    """Compare the postbox with the rows; return message id → state."""
    numbers = ask(services, "select sequence, number from billing_invoice order by sequence")
    assert numbers == [(n, f"INV-{n:04d}") for n in range(1, number + 1)], f"seed {seed}"
    mails = dict(ask(services, "select message_id, state from mail_outgoingmail"))
    assert len(mails) == number, f"seed {seed}"
    assert [key for key, times in Counter(box.got).items() if times > 1] == [], f"seed {seed}: sent twice"
    by_state = {state: {key for key, was in mails.items() if was == state} for state in ("sent", "unknown", "failed")}
    assert set().union(*by_state.values()) == set(mails), f"seed {seed}: {Counter(mails.values())}"
    assert by_state["sent"] <= set(box.got), f"seed {seed}: said sent, was not"
    assert by_state["failed"] <= box.refused, f"seed {seed}: failed without a refusal"
    assert set(box.got) <= by_state["sent"] | by_state["unknown"], (
        f"seed {seed}: arrived, and nobody is told that it may have"
    )
    assert ask(services, "select count(*) from billing_invoice where pdf_id is null") == [(0,)]
    return mails


def test_every_invoice_leaves_once(
    own_services: OwnServices,
    postbox: tuple[Postbox, int],
    tmp_path: Path,
    scale: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    number, most_kills, most_stops, box = scale(12, 500), scale(4, 10_000), scale(1, 12), postbox[0]
    seed = SEED
    chance = random.Random(seed)  # noqa: S311
    set_the_stage(own_services, postbox[1], number)
    own_services.postgres.stop_signal = signal.SIGQUIT  # "immediate": no goodbye, it recovers when it starts
    kills = flushes = stops = 0
    began = time.monotonic()
    with crew_of(own_services.env, tmp_path) as crew, Redis.from_url(own_services.env["REDIS_URL"]) as redis:
        for name in ("beat", *(f"worker{n}" for n in range(WORKERS))):
            crew.start(name)
        while unfinished(own_services):
            assert time.monotonic() - began < PATIENCE, f"seed {seed}: {unfinished(own_services)} never left"
            time.sleep(chance.uniform(1, 5))
            victim = chance.choice(list(crew.running))
            if kills == most_kills or not crew.is_up(victim):
                continue
            crew.kill(victim)
            crew.start(victim)
            kills += 1
            if chance.random() < 0.4:
                redis.flushall()
                flushes += 1
            if stops < most_stops and chance.random() < 0.3:
                own_services.postgres.restart()
                stops += 1
    seconds = time.monotonic() - began
    mails = assert_each_left_once(own_services, box, number, seed)
    text = f"seed {seed}: {number} invoices, {kills} kills -9, {flushes} flushes, {stops} stops of Postgres, {seconds:.0f} s, {dict(Counter(mails.values()))}, server {dict(box.moods)}"
    record_property("fault", text)
    print(text)  # noqa: T201  with --deep -s the figures are what one came for
