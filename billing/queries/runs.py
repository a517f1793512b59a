"""How far a month end is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from billing.models import BillingRun, RunClient
from msp.jobs.choices import DueState

from .work import clients_finished_before

SHOWN = 200
LATELY = 12


@dataclass(frozen=True)
class Progress:
    """Clients of a run: drafted, refused with a reason, failed in a worker, and still waiting."""

    run: BillingRun
    total: int
    drafted: int
    refused: int
    failed: int

    @property
    def done(self) -> int:
        return self.drafted + self.refused + self.failed

    @property
    def is_over(self) -> bool:
        return self.done == self.total

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


_COUNTS = {
    "total": Count("clients"),
    "drafted": Count("clients", filter=Q(clients__invoice__isnull=False)),
    "refused": Count("clients", filter=Q(clients__refused_because__gt="")),
    "failed": Count("clients", filter=Q(clients__state=DueState.DEAD)),
}


def _progress(rows: QuerySet[BillingRun]) -> list[Progress]:
    counted = rows.annotate(**_COUNTS)
    return [Progress(run, *(getattr(run, name) for name in _COUNTS)) for run in counted]


def progress_of(run: BillingRun) -> Progress:
    """One query."""
    return _progress(BillingRun.objects.filter(pk=run.pk))[0]


def refusals_of(run: BillingRun) -> list[RunClient]:
    """The clients that were not drafted, with the reason."""
    rows = RunClient.objects.filter(run=run).filter(~Q(refused_because="") | Q(state=DueState.DEAD))
    return list(rows.select_related("client").order_by("client__name", "id")[:SHOWN])


def runs() -> list[Progress]:
    """The latest month ends. One query."""
    return _progress(BillingRun.objects.order_by("-asked_at", "-id")[:LATELY])


def clients_waiting(until: datetime) -> int:
    """How many clients a month end would draft."""
    return clients_finished_before(until).count()
