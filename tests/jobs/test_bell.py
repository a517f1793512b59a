from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction
from redis import Redis

from msp.jobs.actions import bell, ring

pytestmark = pytest.mark.django_db(transaction=True)
BOUND = bell.BOUND
MAILBOX = "celery"  # the list in which the broker keeps messages


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    monkeypatch.setattr(bell, "_silent_until", 0.0)
    monkeypatch.setattr(bell, "BOUND", 10.0)  # on a busy machine the first ring of a process may be slow
    with Redis.from_url(settings.REDIS_URL) as redis:
        forget_late_rings(redis)
        yield redis
        redis.delete(MAILBOX)


def use_broker(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", url)
    monkeypatch.setattr(current_app.conf, "broker_write_url", url)
    monkeypatch.setattr(current_app, "_pool", None)
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)


def ring_and_fail() -> None:
    with transaction.atomic():
        ring("jobs")
        raise ZeroDivisionError


def test_the_bell_rings_once_after_commit_and_never_after_a_rollback(broker: Redis) -> None:
    with transaction.atomic():
        ring("jobs")
        with transaction.atomic():
            ring("jobs")
        assert broker.llen(MAILBOX) == 0
    assert broker.llen(MAILBOX) == 1
    with pytest.raises(ZeroDivisionError):
        ring_and_fail()
    assert broker.llen(MAILBOX) == 1
    ring("jobs")
    assert broker.llen(MAILBOX) == 2


def test_a_ring_of_an_inner_transaction_that_failed_does_not_silence_the_outer(broker: Redis) -> None:
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            ring_and_fail()
        ring("jobs")
    assert broker.llen(MAILBOX) == 1


def test_an_unknown_queue_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        ring("no-such-queue")


@pytest.mark.parametrize("hangs", [False, True], ids=["gone", "silent"])
def test_a_broken_broker_costs_a_moment_once_and_raises_nothing(
    hangs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Redis
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        if hangs:  # takes connections and never answers
            listener.bind(str(tmp_path / "broker.sock"))
            listener.listen()
        monkeypatch.setattr(bell, "BOUND", BOUND)
        use_broker(f"redis+socket://{tmp_path}/broker.sock", monkeypatch)
        began = time.monotonic()
        ring("jobs")
        assert time.monotonic() - began < 2  # kombu alone takes 5.4 s; our bound is 0.2 s, the rest is a busy machine's
        assert bell._silent_until > time.monotonic() + 25
        waiting = set(threads_ringing())
        ring("jobs")
        assert set(threads_ringing()) <= waiting  # the breaker is open: nobody even tries
    monkeypatch.undo()
    monkeypatch.setattr(bell, "_silent_until", 0.0)
    monkeypatch.setattr(bell, "BOUND", 10.0)
    forget_late_rings(broker)
    ring("jobs")
    assert broker.llen(MAILBOX) == 1


def threads_ringing() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "doorbell"]


def forget_late_rings(broker: Redis) -> None:
    """A ring that nobody waited for any more goes on in its thread and may come to whatever broker is there by then."""
    for thread in threads_ringing():
        thread.join(30)
    broker.delete(MAILBOX)
