"""What work costs us, from a day on. What was costed before keeps its rate."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from billing.models import CostRate, Overhead
from billing.rules import money
from msp.accounts.models import Membership
from msp.accounts.queries import settings_of_shop
from msp.accounts.rules import Actor
from msp.audit.actions import record


def set_cost_rate(*, member: Membership, valid_from: date, hourly: Decimal, actor: Actor, now: datetime) -> CostRate:
    """What an hour of a person costs from a day on; the same day again is set anew. The log keeps no amount: others read it."""
    currency = settings_of_shop().currency
    with transaction.atomic():
        said = {"hourly": money.quantise(hourly, currency), "currency": currency, "set_by": actor.name, "set_at": now}
        row, _made = CostRate.objects.update_or_create(member=member, valid_from=valid_from, defaults=said)
        data = {"name": member.name, "day": valid_from.isoformat()}
        record(actor=actor, verb="costs.rate_set", subject=row, now=now, data=data)
    return row


def set_overhead(*, valid_from: date, percent: Decimal, actor: Actor, now: datetime) -> Overhead:
    """What the house adds to each hour from a day on; the same day again is set anew."""
    with transaction.atomic():
        said = {"percent": percent, "set_by": actor.name, "set_at": now}
        row, _made = Overhead.objects.update_or_create(valid_from=valid_from, defaults=said)
        data = {"day": valid_from.isoformat()}
        record(actor=actor, verb="costs.overhead_set", subject=row, now=now, data=data)
    return row
