"""A watch in every worker and scheduler process: shows signs of life, and works the queues when no ring is heard.

Workers can go deaf after a broker restart, and the one scheduler can be gone; then the rows are still worked, late by a minute.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from typing import Any

from celery import signals
from celery.worker.state import active_requests
from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from . import actions
from .choices import ProcessKind
from .registry import CHORES, QUEUES

PULSE = 10.0  # seconds between signs of life

logger = logging.getLogger(__name__)


class Watch(threading.Thread):
    """The watch of one process. With `sweep_after` seconds it also works all queues after so long without a ring."""

    def __init__(self, kind: ProcessKind, *, sweep_after: float | None = None, pulse: float = PULSE) -> None:
        super().__init__(name="watch", daemon=True)
        self.kind, self.sweep_after = kind, sweep_after
        self.pulse = min(pulse, sweep_after or pulse)
        self.host, self.process, self.started_at = socket.gethostname(), os.getpid(), timezone.now()
        self.heard_at, self.was_deaf = time.monotonic(), False
        self.over = threading.Event()
        self.sweeping: threading.Thread | None = None

    def hear(self) -> None:
        """A ring arrived."""
        self.heard_at = time.monotonic()

    def run(self) -> None:
        while True:
            self._guarded(self._beat)
            if self._is_deaf() and not (self.sweeping and self.sweeping.is_alive()):
                # Apart from the beat: minutes of work must not look like death.
                self.sweeping = threading.Thread(target=self._sweep, name="sweep", daemon=True)
                self.sweeping.start()
            if self.over.wait(self.pulse):
                break
        connections.close_all()
        if self.sweeping is not None:
            self.sweeping.join()

    def _sweep(self) -> None:
        self._guarded(work_everything)
        connections.close_all()

    def _is_deaf(self) -> bool:
        if active_requests:
            self.hear()  # whose hands are full takes no ring, and hears well
        deaf = self.sweep_after is not None and time.monotonic() - self.heard_at >= self.sweep_after
        if deaf != self.was_deaf:
            logger.warning("no ring any more: sweeping without one" if deaf else "a ring again: the sweep rests")
        self.was_deaf = deaf
        return deaf

    def stop(self) -> None:
        """End the watch in order, and take its sign away."""
        self.over.set()
        self._guarded(lambda: actions.stop_beating(kind=self.kind, host=self.host, process=self.process))

    def _beat(self) -> None:
        actions.beat(
            kind=self.kind, host=self.host, process=self.process, started_at=self.started_at, now=timezone.now()
        )

    def _guarded(self, act: Any) -> None:
        close_old_connections()
        try:
            act()
        except Exception:
            logger.exception("the watch goes on")
        finally:
            close_old_connections()


def work_everything() -> None:
    """Run every queue, and what else would have been rung for."""
    for name in QUEUES:
        actions.run_queue(queue_name=name, clock=timezone.now)
    for chore in CHORES:
        chore(timezone.now())


_watches: list[Watch] = []


@signals.worker_init.connect
def watch_worker(**_: Any) -> None:
    """Before the broker answers: a worker that never reaches it works too."""
    _start(Watch(ProcessKind.WORKER, sweep_after=settings.SWEEP_AFTER))


@signals.beat_init.connect
def watch_scheduler(**_: Any) -> None:
    _start(Watch(ProcessKind.SCHEDULER))


@signals.task_received.connect
def hear(request: Any, **_: Any) -> None:
    """Runs in the worker's main process, where the watch is."""
    if request.name.startswith("jobs."):
        for watch in _watches:
            watch.hear()


@signals.worker_shutdown.connect
def end_watch(**_: Any) -> None:
    while _watches:
        _watches.pop().stop()


def _start(watch: Watch) -> None:
    _watches.append(watch)
    watch.start()
