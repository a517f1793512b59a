"""Sealing: committed entries are bound into a chain of hashes, in batches, apart from the acts themselves.

A chain that every act extended would make a shop single-writer. So an act only inserts its entry, and this comes after.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection, transaction

from msp.audit.models import Entry, Seal
from msp.audit.queries import final_entries, last_seal, unsealed_eras
from msp.audit.rules import FIRST_PREVIOUS, chained
from msp.tenancy.context import current_scope, enter, system_scope
from msp.tenancy.models import Tenant

BATCH = 1000  # entries of one seal at most

logger = logging.getLogger(__name__)


def seal_all(now: datetime) -> int:
    """Seal what is final in every shop; one shop's failure leaves the others alone. Returns the number of seals."""
    made = 0
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        try:
            with enter(system_scope(tenant_id)):
                made += seal_shop(now=now)
        except Exception:
            logger.exception("sealing the activity of shop %s failed", tenant_id)
    return made


def seal_shop(*, now: datetime) -> int:
    """Seal the current shop's final entries. Returns the number of seals; 0 too while another worker is at it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_try_advisory_xact_lock(hashtextextended('audit.seal', %s))", [current_scope().tenant_id]
            )
            if not cursor.fetchone()[0]:
                return 0
        made = 0
        for era in unsealed_eras():
            while entries := list(final_entries(era)[:BATCH]):
                _seal(era, entries, now)
                made += 1
    return made


def _seal(era: int, entries: list[Entry], now: datetime) -> Seal:
    before = last_seal()
    previous = before.hash if before else FIRST_PREVIOUS
    return Seal.objects.create(
        number=before.number + 1 if before else 1,
        era=era,
        first_entry=entries[0].pk,
        last_entry=entries[-1].pk,
        last_transaction=entries[-1].transaction,
        entries=len(entries),
        previous=previous,
        hash=chained(previous, [entry.line() for entry in entries]),
        sealed_at=now,
    )
