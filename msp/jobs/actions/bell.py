"""The doorbell: tells the workers to look now. Nothing depends on it; the sweep finds what it missed."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from celery import current_app
from django.db import transaction

from msp.jobs.registry import QUEUES

BOUND = 0.2  # seconds a request waits for the broker at most
SILENCE = 30.0  # seconds without a ring after one failed

logger = logging.getLogger(__name__)
_silent_until = 0.0  # time.monotonic() of this process


def ring(queue_name: str) -> None:
    """Wake a worker for the queue once the transaction has committed; several calls in one transaction ring once.

    Never raises for a broker that is slow or gone. Raises KeyError for a queue that nobody registered.
    """
    QUEUES[queue_name]
    knock = _Knock(queue_name)
    waiting = transaction.get_connection().run_on_commit
    if not any(callback == knock for _, callback, *_ in waiting):
        transaction.on_commit(knock, robust=True)


@dataclass(frozen=True)
class _Knock:
    """Publishes in a thread: kombu retries a lost broker for seconds, and no timeout of its own covers every way to hang."""

    queue_name: str

    def __call__(self) -> None:
        global _silent_until  # noqa: PLW0603  the breaker belongs to the process
        if time.monotonic() < _silent_until:
            return
        rung = threading.Event()
        threading.Thread(target=self._publish, args=[rung], name="doorbell", daemon=True).start()
        if not rung.wait(BOUND):
            _silent_until = time.monotonic() + SILENCE
            logger.warning("the broker did not take a ring for %s: silent for %s s", self.queue_name, SILENCE)

    def _publish(self, rung: threading.Event) -> None:
        try:
            current_app.tasks["jobs.run_queue"].apply_async(kwargs={"queue": self.queue_name}, retry=False)
        except Exception:
            logger.warning("ringing %s failed", self.queue_name, exc_info=True)
        else:
            rung.set()
