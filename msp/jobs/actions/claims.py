"""Taking due rows over all shops, as the timers role, which sees when a row is due and nothing of what it says.

Rows of no shop have no wall to pass: the app role takes them itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from msp.jobs.models import DueFields
from msp.jobs.registry import Queue
from msp.jobs.rules import LeaseLost
from msp.tenancy.context import enter, system_scope

_CLAIM = """
with due as (
    select id from {table}
    where state in %(open)s and due_at <= %(now)s and (lease_until is null or lease_until <= %(now)s)
    order by due_at limit %(batch)s for update skip locked
)
update {table} row set lease_until = %(until)s, attempts = row.attempts + 1
from due where row.id = due.id returning row.id, {tenant}, row.attempts, row.lease_until
"""

_GIVE_BACK = """
update {table} set lease_until = null, attempts = attempts - 1
where id = any(%(ids)s::uuid[]) and lease_until = %(until)s and state in %(open)s
"""


@dataclass(frozen=True)
class Claim:
    """A row that this worker has until `lease_until`, which is also the proof that it still does."""

    queue: Queue
    row_id: UUID
    tenant_id: int | None
    attempts: int
    lease_until: datetime

    @contextmanager
    def locked(self) -> Iterator[DueFields]:
        """The row, locked, in a transaction of its shop. Raises LeaseLost when another worker took it."""
        model = self.queue.model_class()
        with enter(system_scope(self.tenant_id)) if self.tenant_id else transaction.atomic():
            row = (
                model._default_manager.select_for_update()
                .filter(pk=self.row_id, lease_until=self.lease_until, state__in=model.open_states)
                .first()
            )
            if row is None:
                raise LeaseLost(f"{self.queue.name} {self.row_id}")
            yield row

    def renewed(self, row: DueFields, now: datetime) -> Claim:
        """Begin the lease anew on the unsaved row, so that rows worked earlier in a batch cost this one nothing."""
        row.lease_until = now + self.queue.lease
        return replace(self, lease_until=row.lease_until)


@contextmanager
def locked_together(taken: Sequence[Claim]) -> Iterator[list[DueFields]]:
    """The rows of one shop's claims that are still this worker's, locked in the order of their keys, in one transaction."""
    queue, tenant_id = taken[0].queue, taken[0].tenant_id
    leases, model = {each.row_id: each.lease_until for each in taken}, queue.model_class()
    with enter(system_scope(tenant_id)) if tenant_id else transaction.atomic():
        rows = model._default_manager.select_for_update().filter(pk__in=leases, state__in=model.open_states)
        yield [row for row in rows.order_by("pk") if row.lease_until == leases[row.pk]]


def claim(*, queue: Queue, now: datetime) -> list[Claim]:
    """Take up to a batch of due rows, the longest due first, in one statement."""
    role, table = _counter(queue)
    statement = _CLAIM.format(table=table, tenant="null" if queue.shop_model() is None else "row.tenant_id")
    asked: dict[str, Any] = {
        "open": queue.model_class().open_states,
        "now": now,
        "batch": queue.batch,
        "until": now + queue.lease,
    }
    with role.cursor() as cursor:
        cursor.execute(statement, asked)
        return [Claim(queue, *values) for values in cursor.fetchall()]


def give_back(claims: Sequence[Claim]) -> None:
    """Let others take claims of one batch that were not worked, as if nobody had had them."""
    queue, until = claims[0].queue, claims[0].lease_until
    role, table = _counter(queue)
    ids = [str(claim.row_id) for claim in claims]
    with role.cursor() as cursor:
        cursor.execute(
            _GIVE_BACK.format(table=table), {"ids": ids, "until": until, "open": queue.model_class().open_states}
        )


def _counter(queue: Queue) -> tuple[BaseDatabaseWrapper, str]:
    """The role that takes a queue's rows, and the name of their table."""
    role = connections["default" if queue.shop_model() is None else "timers"]
    return role, role.ops.quote_name(queue.model_class()._meta.db_table)
