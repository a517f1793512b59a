"""How the queues stand: of one shop for its health page, over all shops (times only) for machines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min, Q
from django.db.models.query import QuerySet
from redis import Redis
from redis.exceptions import RedisError

from .choices import ProcessKind
from .models import DueRow, Heartbeat
from .registry import HEALTH, QUEUES, Queue

ALIVE_WITHIN = timedelta(seconds=60)  # a process that showed no sign for longer counts as gone
WAIT_ALLOWED = timedelta(minutes=5)  # for /healthz; the sweep comes every few seconds
ASK_BOUND = 0.2  # seconds a page waits for Redis
LETTERS_SHOWN = 20
LOST_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class QueueState:
    """One queue of the current shop. `waiting` are due now, `later` in the future; `oldest` is the longest due time."""

    queue: Queue
    waiting: int
    later: int
    failed: int
    oldest: datetime | None


@dataclass(frozen=True)
class DeadLetter:
    """A row that was given up."""

    queue: Queue
    row: DueRow


def shop_queues() -> list[tuple[Queue, type[DueRow]]]:
    """The queues whose rows belong to shops."""
    return [(queue, model) for queue in QUEUES.values() if (model := queue.shop_model()) is not None]


def queue_state(queue: Queue, model: type[DueRow], now: datetime) -> QueueState:
    """How a queue of the current shop stands."""
    is_open = Q(state__in=model.open_states)
    numbers = model.objects.filter(is_open | Q(state=model.dead_state)).aggregate(
        waiting=Count("pk", filter=is_open & Q(due_at__lte=now)),
        later=Count("pk", filter=is_open & Q(due_at__gt=now)),
        failed=Count("pk", filter=Q(state=model.dead_state)),
        oldest=Min("due_at", filter=is_open & Q(due_at__lte=now)),
    )
    return QueueState(queue, **numbers)


def dead_letters() -> list[DeadLetter]:
    """The current shop's newest dead letters of every queue, newest first."""
    found = [
        DeadLetter(queue, row)
        for queue, model in shop_queues()
        for row in model.objects.filter(state=model.dead_state).order_by("-due_at")[:LETTERS_SHOWN]
    ]
    return sorted(found, key=lambda letter: letter.row.due_at, reverse=True)[:LETTERS_SHOWN]


def _due(queue: Queue, now: datetime) -> QuerySet[Any]:
    model, shop_model = queue.model_class(), queue.shop_model()
    rows = shop_model.unscoped.using("timers") if shop_model else model._default_manager.all()
    unleased = Q(lease_until=None) | Q(lease_until__lte=now)
    return rows.filter(unleased, state__in=model.open_states, due_at__lte=now)


def queues_with_due_rows(now: datetime) -> list[str]:
    """Names of the queues in which some shop has a row that a worker could take now."""
    return [name for name, queue in QUEUES.items() if _due(queue, now).values_list("id").exists()]


def longest_wait(now: datetime) -> timedelta:
    """How long the row has been waiting that waits longest, over all shops and queues."""
    oldest = [_due(queue, now).aggregate(oldest=Min("due_at"))["oldest"] for queue in QUEUES.values()]
    return max((now - due_at for due_at in oldest if due_at is not None), default=timedelta())


def lost(now: datetime) -> list[tuple[Queue, int]]:
    """The queues of no shop whose rows were given up within a day, with how many: their shops' pages show the others."""
    numbers = [
        (queue, model._default_manager.filter(state__in=model.lost_states, finished_at__gt=now - LOST_WITHIN).count())
        for queue in QUEUES.values()
        if queue.shop_model() is None and (model := queue.model_class())
    ]
    return [(queue, number) for queue, number in numbers if number]


def heartbeats() -> QuerySet[Heartbeat]:
    """Every process, by kind and host."""
    return Heartbeat.objects.order_by("kind", "host", "process")


def alive(kind: ProcessKind, now: datetime) -> bool:
    """Whether a process of this kind has lately shown a sign of life."""
    return Heartbeat.objects.filter(kind=kind, seen_at__gte=now - ALIVE_WITHIN).exists()


@dataclass(frozen=True)
class Service:
    """Whether Postgres or Redis answered, and after how many milliseconds."""

    name: str
    ok: bool
    milliseconds: float


def _asked(name: str, ask: Callable[[], object]) -> Service:
    began = time.perf_counter()
    try:
        ask()
    except (DatabaseError, RedisError, OSError):
        return Service(name, False, 0.0)
    return Service(name, True, (time.perf_counter() - began) * 1000)


def _ask_postgres() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")


def _ask_redis() -> None:
    with Redis.from_url(settings.REDIS_URL, socket_timeout=ASK_BOUND, socket_connect_timeout=ASK_BOUND) as redis:
        redis.ping()


def shop_health(now: datetime) -> dict[str, Any]:
    """What the system page shows: the current shop's queues, and the processes all shops share."""
    return {
        "queues": [queue_state(queue, model, now) for queue, model in shop_queues()],
        "letters": dead_letters(),
        "lost": lost(now),
        "heartbeats": [(beat, now - beat.seen_at <= ALIVE_WITHIN) for beat in heartbeats()],
        "parts": [(part.template, found) for part in HEALTH if (found := part.context(now)) is not None],
        "services": [_asked("Postgres", _ask_postgres), _asked("Redis", _ask_redis)],
    }


@dataclass(frozen=True)
class InstallationHealth:
    """The answer for machines. `wait` is how long the longest waiting row has been due.

    `lost` rows of no shop were given up within a day. They do not make it ill: one wrong address is enough for one.
    """

    database: bool
    worker: bool = False
    scheduler: bool = False
    wait: timedelta = timedelta()
    lost: int = 0

    @property
    def ok(self) -> bool:
        return self.database and self.worker and self.wait <= WAIT_ALLOWED


def installation_health(now: datetime) -> InstallationHealth:
    """How the installation stands over all shops; never raises for a lost database."""
    try:
        return InstallationHealth(
            True,
            alive(ProcessKind.WORKER, now),
            alive(ProcessKind.SCHEDULER, now),
            longest_wait(now),
            sum(number for _queue, number in lost(now)),
        )
    except DatabaseError:
        return InstallationHealth(database=False)
