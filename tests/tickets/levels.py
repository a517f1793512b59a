"""A shop with hours and service levels, as the cases of the plan ask for: Mon-Fri 09-12 and 13-17, Monday 30 November a holiday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from clients.actions import create_calendar, set_own_day
from clients.models import Promise, ServiceCalendar
from clients.rules.calendars import Window
from clients.rules.holidays import OwnDay
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import ShopWorld
from tickets import actions
from tickets.actions.sla import Targets
from tickets.models import SlaClock, SlaPolicy, Ticket
from tickets.rules import Along

LONDON = ZoneInfo("Europe/London")
HOURS = tuple(Window(day, *span) for day in range(5) for span in ((540, 720), (780, 1020)))
TARGETS = (
    Targets(1, 30, 60, 240, always=True),
    Targets(2, 60, 120, 240),
    Targets(3, 60, None, 480),
    Targets(4, None, None, None),
)


def at(text: str) -> datetime:
    """London's wall clock on a day of November or December 2026: "27 Nov 16:30"."""
    return datetime.strptime(f"{text} 2026", "%d %b %H:%M %Y").replace(tzinfo=LONDON).astimezone(UTC)


def furnish(shop: ShopWorld, targets: Sequence[Targets] = TARGETS, **policy: Any) -> tuple[ServiceCalendar, SlaPolicy]:
    """The shop's own calendar and policy."""
    actor, now = shop.staff["owner"].as_actor(), at("1 Nov 09:00")
    values = {"name": "Office", "zone": "Europe/London", "windows": HOURS, "country": "", "region": ""}
    with enter(shop.scope()):
        calendar = create_calendar(actor=actor, now=now, values=values)
        own = OwnDay(date(2026, 11, 30), "St Andrew's Day")
        calendar = set_own_day(actor=actor, now=now, calendar=calendar, own=own)
        return calendar, actions.create_policy(actor=actor, now=now, name="Standard", targets=targets, **policy)


class Desk:
    """One ticket and the acts on it, each at a time of London's wall clock."""

    def __init__(self, shop: ShopWorld, opened: str, **values: Any) -> None:
        self.shop = shop
        self.ticket = make_ticket(shop, now=at(opened), **values)

    @property
    def me(self) -> dict[str, Any]:
        return {"actor": self.shop.staff["technician"].as_actor()}

    def status(self, status: str, when: str) -> None:
        with enter(self.shop.scope()):
            actions.change_status(**self.me, now=at(when), ticket=self.ticket, status=status)

    def priority(self, priority: int, when: str) -> None:
        with enter(self.shop.scope()):
            actions.change_priority(**self.me, now=at(when), ticket=self.ticket, priority=priority)

    def reply(self, when: str, **along: Any) -> Any:
        given = {"author": self.shop.staff["technician"], "body": "We are at it.", "to": self.shop.one.anna}
        with enter(self.shop.scope()):
            return actions.reply_publicly(**self.me, now=at(when), ticket=self.ticket, along=Along(**along), **given)

    def client_says(self, words: str, when: str) -> None:
        anna = self.shop.one.anna
        with enter(self.shop.scope()):
            actions.reply_as_contact(**self.me, now=at(when), ticket=self.ticket, contact=anna, body=words)

    def clock(self, kind: str, ordinal: int = 1) -> SlaClock:
        with enter(self.shop.scope()):
            rows = SlaClock.objects.select_related("promise")
            found: SlaClock = rows.get(ticket=self.ticket, kind=kind, ordinal=ordinal)
            return found

    def promise(self, kind: str, ordinal: int = 1) -> Promise:
        found: Promise = self.clock(kind, ordinal).promise
        return found

    def kinds(self) -> list[tuple[str, str]]:
        """Each promise's kind and state, as they were made."""
        with enter(self.shop.scope()):
            rows = SlaClock.objects.filter(ticket=self.ticket).order_by("kind", "ordinal")
            return list(rows.values_list("kind", "promise__state"))

    def fresh(self) -> Ticket:
        with enter(self.shop.scope()):
            return Ticket.objects.get(pk=self.ticket.pk)
