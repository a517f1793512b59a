"""What the fault test runs in processes of its own: the seed, and a Celery app whose leases end soon.

python -m tests.billing.fault 200      approve 200 invoices in a shop of their own, all due now
celery -A tests.billing.fault worker   a worker as in production, but for the leases
"""

# ruff: noqa: PLC0415  models may be imported only after django.setup()
from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "msp.settings")

from celery.signals import worker_init

from msp.celery import app

__all__ = ["app"]
LEASE = timedelta(seconds=10)  # a killed worker's rows wait for its lease to end; production has minutes of patience


@worker_init.connect
def hurry(**_: Any) -> None:
    """Shorten the leases and the waits before the worker forks."""
    from msp.jobs.registry import QUEUES

    for name, queue in QUEUES.items():
        QUEUES[name] = replace(queue, lease=LEASE, first_wait=timedelta(seconds=1), max_attempts=1000)


def seed(number: int) -> None:
    """One shop, one client, `number` solved tickets, each on an approved invoice whose minutes to undo are over."""
    from django.utils import timezone

    from billing import actions
    from msp.tenancy.context import enter
    from tests import world
    from tests.billing import conftest as billing

    now = timezone.now()
    billing.NOW = now  # its tickets are a day before NOW, and these must be of today
    shop = world._shop("north", "Northgate")
    office = billing.furnish(shop)
    for _ in range(number):
        ticket = office.solved(shop.one, 1)
        with enter(shop.scope()):
            draft = actions.draft_invoice(
                client=shop.one.client, ticket_ids=[ticket.pk], actor=office.actor, now=now - timedelta(hours=1)
            )
            actions.approve_invoice(invoice=draft, actor=office.actor, now=now - timedelta(hours=1), reason="seeded")


if __name__ == "__main__":
    django.setup()
    seed(int(sys.argv[1]))
