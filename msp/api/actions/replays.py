"""One post, however often it is sent: its key and its answer are written in the transaction of what it did."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from msp.api.models import ApiToken, Replay
from msp.api.rules import REPLAYED_FOR
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant


class OtherRequest(ValueError):
    """The key was used before, for something else."""


def begin_replay(*, now: datetime, token: ApiToken, key: str, mark: str) -> Replay:
    """Take the key, in the transaction of the request, or find what was answered to it before (`status` is set).

    Of two that come at once the second waits here until the first is committed. Raises OtherRequest.
    """
    try:
        with transaction.atomic():
            return Replay.objects.create(token=token, key=key, mark=mark, created_at=now)
    except IntegrityError:
        kept = Replay.objects.get(token=token, key=key)
    if kept.mark != mark:
        raise OtherRequest(key)
    return kept


def keep_answer(*, replay: Replay, status: int, body: str) -> None:
    """Keep what was answered. A refused request has done nothing, keeps nothing and may be sent again."""
    replay.status, replay.body = status, body
    replay.save(update_fields=["status", "body"])


def delete_old_replays(now: datetime) -> int:
    """Forget the keys of every shop that are older than REPLAYED_FOR; returns how many."""
    deleted = 0
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        with enter(system_scope(tenant_id)):
            deleted += Replay.objects.filter(created_at__lt=now - REPLAYED_FOR).delete()[0]
    return deleted
