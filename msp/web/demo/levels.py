"""Service levels in the demo: begun a month ago, with reasons for most of what was broken since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from clients.models import Client
from msp.accounts.choices import Role
from tickets import actions
from tickets.actions import Targets
from tickets.choices import Priority
from tickets.models import SlaClock, SlaPolicy
from tickets.queries.levels import breaches_of, broken_promises

from .clock import Story
from .shop import Shop

_BEGAN = timedelta(days=30)
_EXPLAINED = 0.9
_HOUR = 60
TARGETS = (
    Targets(Priority.URGENT, 1 * _HOUR, 4 * _HOUR, 8 * _HOUR),
    Targets(Priority.HIGH, 4 * _HOUR, None, 24 * _HOUR),
    Targets(Priority.NORMAL, 12 * _HOUR, None, 40 * _HOUR),
    Targets(Priority.LOW, 34 * _HOUR, None, 68 * _HOUR),
)
AROUND_THE_CLOCK = (Targets(Priority.URGENT, 30, 2 * _HOUR, 8 * _HOUR, always=True), *TARGETS[1:])
_REASONS = (
    "Two urgent faults that morning came first",
    "The technician was at another client's and saw it late",
    "We waited for a part and did not say so",
    "It lay in the wrong queue over lunch",
    "Nobody had taken it",
)


def promise_nothing_yet(shop: Shop) -> None:
    """Until a month ago the shop promised nothing by the clock."""
    policy, nothing = SlaPolicy.objects.get(is_default=True), [Targets(p.value, None, None, None) for p in Priority]
    owner = shop.with_role(Role.OWNER)[0].as_actor()
    given: dict[str, Any] = {"name": policy.name, "supplier_pauses": False}
    actions.change_policy(actor=owner, now=shop.now, policy=policy, targets=nothing, **given)


def service_levels(shop: Shop) -> Story:
    """A month ago they began; since then somebody says every few days why deadlines were broken."""
    owner = shop.with_role(Role.OWNER)[0].as_actor()
    policy = SlaPolicy.objects.get(is_default=True)
    yield max(shop.now, shop.timeline.end - _BEGAN)
    given: dict[str, Any] = {"name": policy.name, "supplier_pauses": False}
    actions.change_policy(actor=owner, now=shop.now, policy=policy, targets=TARGETS, **given)
    gold = actions.create_policy(actor=owner, now=shop.now, name="Around the clock", targets=AROUND_THE_CLOCK)
    for client in Client.objects.filter(is_unsorted=False).order_by("name")[:2]:
        actions.assign_policy(actor=owner, now=shop.now, client=client, policy=gold)
    yield shop.timeline.end - timedelta(minutes=40)
    _explain(shop)


def _explain(shop: Shop) -> None:
    chances = shop.chances("reasons")
    found = breaches_of(list(broken_promises(unexplained=True).order_by("finished_at", "id")))
    clocks = [(each.clock, each.promise.owner or shop.one(Role.DISPATCHER)) for each in found if each.clock]
    for clock, member in clocks[: int(len(clocks) * _EXPLAINED)]:
        why = chances.choice(_REASONS)
        actions.explain_breach(actor=member.as_actor(), now=shop.now, clock=clock, because=why)
    for clock in [clock for clock, _member in clocks][-2:]:
        _ask(shop, clock)


def _ask(shop: Shop, clock: SlaClock) -> None:
    """One is asked for, and the owner has not looked yet."""
    dispatcher = shop.one(Role.DISPATCHER)
    because = "Their own line was down all day; we could not reach them"
    actions.ask_exclusion(actor=dispatcher.as_actor(), now=shop.now, clock=clock, asker=dispatcher, because=because)
