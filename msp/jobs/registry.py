"""The queues of the house. Each app registers its own in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string
from django_stubs_ext import StrOrPromise

from msp.tenancy.models import TenantModel

from .rules import Together, Work

if TYPE_CHECKING:
    from .models import DueFields, DueRow


@dataclass(frozen=True)
class Queue:
    """A table of due rows and the handler that works them.

    `handler` is the dotted name of a Work or Together class. `lease` must outlast the slowest single row's work; a row that was
    claimed `max_attempts` times without coming to rest becomes a dead letter.
    """

    name: str
    label: StrOrPromise
    model: str
    handler: str
    batch: int = 10
    lease: timedelta = field(default_factory=lambda: timedelta(seconds=settings.LEASE))
    max_attempts: int = 8
    first_wait: timedelta = timedelta(seconds=10)
    longest_wait: timedelta = timedelta(hours=1)

    def model_class(self) -> type[DueFields]:
        return cast("type[DueFields]", apps.get_model(self.model))

    def shop_model(self) -> type[DueRow] | None:
        """The model when its rows belong to shops, None for a global queue."""
        model = self.model_class()
        return cast("type[DueRow]", model) if issubclass(model, TenantModel) else None

    def make_handler(self) -> Work[Any, Any] | Together[Any]:
        return cast("Work[Any, Any] | Together[Any]", import_string(self.handler)())


@dataclass(frozen=True)
class JobKind:
    """A kind of generic Job: its label on pages and the dotted name of its Work class, whose rows are Jobs."""

    name: str
    label: StrOrPromise
    handler: str


@dataclass(frozen=True)
class HealthPart:
    """A part of the system page that a higher app fills: a template and its context for the current shop, or None for nothing."""

    template: str
    context: Callable[[datetime], dict[str, object] | None]


QUEUES: dict[str, Queue] = {}
JOB_KINDS: dict[str, JobKind] = {}
HEALTH: list[HealthPart] = []
# What a worker that hears no ring does by itself, beside running every queue.
CHORES: list[Callable[[datetime], object]] = []
# What deletes expired rows, each a function of now.
CLEANINGS: list[Callable[[datetime], object]] = []


def queue_of(model: type[DueFields]) -> Queue:
    """The one queue that works a table (checked)."""
    return next(queue for queue in QUEUES.values() if queue.model_class() is model)


def register(*items: Queue | JobKind) -> None:
    """Register queues and kinds of job. Raises ValueError when a name is taken."""
    for item in items:
        known: dict[str, Any] = QUEUES if isinstance(item, Queue) else JOB_KINDS
        if item.name in known:
            raise ValueError(f"already registered: {item.name}")
        known[item.name] = item
