"""Working the rows of one shop in one transaction, and finding the one that raises."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from msp.jobs.models import DueFields
from msp.jobs.rules import GiveUp, LeaseLost, Together

from .claims import Claim, locked_together
from .settling import SETTLED, apply, push_back
from .writing import write_rows

logger = logging.getLogger(__name__)


def run_together(handler: Together[Any], taken: Sequence[Claim], clock: Callable[[], datetime]) -> None:
    """Work claims shop by shop. A failure is written to its row; only a lost database raises."""
    by_shop = sorted(taken, key=lambda claim: claim.tenant_id or 0)
    for _shop, claims in groupby(by_shop, key=lambda claim: claim.tenant_id):
        _run(handler, list(claims), clock)


def settle_together(handler: Together[Any], rows: Sequence[DueFields], now: datetime) -> None:
    """Work locked rows and save what came of them, in the caller's transaction."""
    if not rows:
        return
    for row, outcome in zip(rows, handler.act(rows, now), strict=True):
        apply(row, outcome, now)
    write_rows(rows, [*handler.writes, *SETTLED])
    handler.after(rows, now)


def _run(handler: Together[Any], taken: list[Claim], clock: Callable[[], datetime]) -> None:
    try:
        if any(claim.attempts > claim.queue.max_attempts for claim in taken):
            raise GiveUp("every worker that took this was lost before it could finish")
        with locked_together(taken) as rows:
            settle_together(handler, rows, clock())
    except Exception as error:
        if len(taken) == 1:
            _push_back(taken[0], error, clock())
            return
        middle = len(taken) // 2
        _run(handler, taken[:middle], clock)
        _run(handler, taken[middle:], clock)


def _push_back(taken: Claim, error: Exception, now: datetime) -> None:
    logger.error("%s %s failed", taken.queue.name, taken.row_id, exc_info=error)
    try:
        push_back(taken, error, now)
    except LeaseLost:
        logger.warning("lost the lease of %s %s to another worker", taken.queue.name, taken.row_id)
