"""Makes the demo: each shop in one transaction, so that it is there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from msp.accounts.choices import Role
from msp.accounts.models import Membership
from msp.audit.models import Entry
from msp.mail.actions import keep_past
from msp.tenancy.context import enter, system_scope
from msp.tenancy.ids import ids_from
from msp.tenancy.models import Tenant
from tickets.actions import assign_ticket, change_status, start_timer
from tickets.choices import Status
from tickets.models import Ticket, Timer

from .agreeing import agreeing
from .arrivals import arrivals
from .clientele import take_on
from .clock import Clock, Timeline, savepoints, seeded_ids
from .desk import life_of, make_call
from .friends import stay_friends
from .hours import Hours
from .levels import promise_nothing_yet, service_levels
from .office import Office, settle
from .plans import PLANS, ShopPlan
from .promising import promising
from .shop import MAKER, ZONE, Shop, found, furnish

SEED = "mainstay"
_SETTING_UP = timedelta(days=1)


@dataclass(frozen=True)
class Seeded:
    """What was made: the number of activity entries says how many acts it took."""

    plan: ShopPlan
    tickets: int
    acts: int


def seed_demo(
    *, now: datetime, plans: Sequence[ShopPlan] = PLANS, seed: str = SEED, told: Callable[[Seeded], None] | None = None
) -> list[Seeded]:
    """Make the shops that are not there yet; their past ends at `now`. A killed run leaves no half of a shop behind."""
    made = []
    for plan in plans:
        if Tenant.objects.filter(slug=plan.slug).exists():
            continue
        made.append(_seed(plan, now, f"{seed}/{plan.slug}"))
        if told is not None:
            told(made[-1])
    return made


def _seed(plan: ShopPlan, now: datetime, seed: str) -> Seeded:
    clock = Clock(_begin(plan, now))
    with transaction.atomic(), savepoints(False), ids_from(seeded_ids(seed, clock)):
        tenant = found(plan, clock)
        with enter(system_scope(tenant.pk)):
            shop = Shop(plan, seed, tenant, clock, Timeline(clock, now), Hours(ZoneInfo(ZONE), clock.now, now))
            furnish(shop)
            promise_nothing_yet(shop)
            take_on(shop)
            settle(shop)
            with enter(system_scope(tenant.pk)):  # what was written so far may be kept from here on
                _tell(shop)
            return Seeded(plan, Ticket.objects.count(), Entry.objects.count())


def _begin(plan: ShopPlan, now: datetime) -> datetime:
    """Nine in the morning on the day before the first ticket."""
    return (now - timedelta(days=plan.days) - _SETTING_UP).replace(hour=8, minute=0, second=0, microsecond=0)


def _tell(shop: Shop) -> None:
    """Ninety days of requests and invoices, in the order of time."""
    for number, at in enumerate(arrivals(shop)):
        shop.timeline.add(at, life_of(make_call(shop, number)))
    shop.timeline.add(shop.now, promising(shop))
    shop.timeline.add(shop.now, service_levels(shop))
    office = Office(shop)
    shop.timeline.add(shop.now, agreeing(shop))
    shop.timeline.add(shop.now, office.days())
    shop.timeline.add(shop.timeline.end - timedelta(minutes=90), office.last_hours())
    shop.timeline.run()
    shop.clock.now = shop.timeline.end
    _somebody_is_at_it(shop)
    stay_friends(shop)
    keep_past(actor=MAKER, now=shop.now)


def _somebody_is_at_it(shop: Shop) -> None:
    """Whoever signs in as the first technician on call finds their clock running."""
    member = next(shop.staff[colleague.name] for colleague in shop.plan.staff if colleague.on_call)
    if Timer.objects.filter(member=member).exists():
        return
    waiting = Ticket.objects.filter(status__in=(Status.IN_PROGRESS, Status.NEW), assignee=member)
    ticket = waiting.order_by("-changed_at", "number").first()
    if ticket is None:
        ticket = _taken_over(shop, member)
    actor, now = member.as_actor(), shop.timeline.end - timedelta(minutes=18, seconds=24)
    now = max(now, ticket.changed_at)
    ticket = change_status(actor=actor, now=now, ticket=ticket, status=Status.IN_PROGRESS)
    start_timer(actor=actor, now=now, ticket=ticket, member=member)


def _taken_over(shop: Shop, member: Membership) -> Ticket:
    """The newest open ticket, handed to somebody who has none."""
    dispatcher, ticket = shop.one(Role.DISPATCHER), Ticket.objects.open().order_by("-number")[0]
    return assign_ticket(actor=dispatcher.as_actor(), now=shop.now, ticket=ticket, assignee=member)
