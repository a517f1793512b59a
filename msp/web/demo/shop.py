"""A demo shop in the making: who and what is in it, and the shop itself opened with its staff and settings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.text import slugify

from clients.actions import change_calendar, plan_leave, plan_rota, set_own_day
from clients.choices import LeaveKind
from clients.models import Asset, Client, Contact, ServiceCalendar, Site
from clients.rules.holidays import OwnDay
from msp.accounts.actions import (
    accept_as_new,
    change_roles,
    create_shop,
    invite_person,
    save_brand,
    save_company,
    save_profile,
)
from msp.accounts.choices import ActorKind, MembershipKind, Role
from msp.accounts.models import Invitation, Membership, ShopSettings
from msp.accounts.rules import Actor, system_actor
from msp.tenancy.models import Tenant

from .clock import Clock, Timeline
from .hours import Diary, Hours, Stretch
from .plans import PASSWORD, Colleague, ShopPlan

ZONE = "Europe/London"
MAKER = system_actor("demo")


@dataclass(frozen=True)
class Company:
    """A client as the data file has it. `people` are written "Name|Job title"."""

    name: str
    trade: str
    group: str
    size: int
    people: list[str] = field(default_factory=list)
    rate: int | None = None
    po: str | None = None
    note: str = ""
    quiet: bool = False

    @property
    def short(self) -> str:
        """Two or three telling words of the name, for its domain."""
        words = [word for word in slugify(self.name.replace("'", "")).split("-") if word not in {"the", "and", "sons"}]
        return "-".join(words[:2])

    @property
    def managed(self) -> bool:
        """Remote support is in their monthly fee; only visits are billed."""
        return self.size >= 3

    @property
    def code(self) -> str:
        return "".join(word[0] for word in self.name.split() if word[0].isalpha())[:4].upper()


@dataclass
class Account:
    """A client with everything the stories need to know of it. `activity` says how often they call, in shares."""

    client: Client
    company: Company
    activity: float
    sites: list[Site]
    contacts: list[Contact]
    assets: list[Asset]
    usual: Membership


@dataclass
class Shop:
    """A shop while its past is being told."""

    plan: ShopPlan
    seed: str
    tenant: Tenant
    clock: Clock
    timeline: Timeline
    hours: Hours
    staff: dict[str, Membership] = field(default_factory=dict)
    diaries: dict[str, Diary] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.clock.now

    def chances(self, subject: str) -> random.Random:
        """Randomness for one subject: what changes elsewhere does not change it."""
        return random.Random(f"{self.seed}/{self.plan.slug}/{subject}")

    def with_role(self, role: Role) -> list[Membership]:
        return [member for member in self.staff.values() if role in member.roles]

    def one(self, role: Role) -> Membership:
        """Who does this job here; in a small shop the owner does."""
        return next(iter(self.with_role(role)), self.with_role(Role.OWNER)[0])

    def diary(self, member: Membership) -> Diary:
        return self.diaries[member.name]


def contact_actor(contact: Contact) -> Actor:
    """A contact as who acts, whether they write from the portal or by mail."""
    return Actor(ActorKind.CONTACT, str(contact.membership_id or contact.pk), contact.name)


def tick(clock: Clock, chances: random.Random, seconds: int = 20) -> datetime:
    """Let up to `seconds` pass; returns the time then."""
    clock.now += timedelta(seconds=chances.randint(5, seconds))
    return clock.now


def found(plan: ShopPlan, clock: Clock) -> Tenant:
    """Open the shop itself, with an invitation for its owner."""
    owner = plan.staff[0]
    made = create_shop(
        actor=MAKER,
        now=clock.now,
        name=plan.name,
        slug=plan.slug,
        owner_email=plan.email_of(owner),
        owner_name=owner.name,
        country="GB",
        zone=ZONE,
        currency="GBP",
        language="en",
    )
    return made.tenant


def furnish(shop: Shop) -> None:
    """Let the owner and then everybody else join, and settle the shop's settings."""
    chances = shop.chances("staff")
    for colleague in shop.plan.staff:
        tick(shop.clock, chances)
        invitation = _invitation(shop, colleague)
        tick(shop.clock, chances)
        member = accept_as_new(now=shop.now, invitation=invitation, name=colleague.name, password=PASSWORD)
        if set(member.roles) != set(colleague.roles):  # the first owner was invited as nothing else
            actor, roles = member.as_actor(), colleague.roles
            member = change_roles(actor=actor, now=shop.now, membership=member, roles=roles)
        shop.staff[colleague.name] = _introduced(shop, member, colleague)
        windows = shop.hours.with_on_call if colleague.on_call else shop.hours.regular
        shop.diaries[colleague.name] = Diary(windows)
    _settle(shop, shop.with_role(Role.OWNER)[0].as_actor())
    away = reversed(shop.with_role(Role.TECHNICIAN)[1:])
    for member, holiday in zip(away, _holidays(shop), strict=False):
        shop.diary(member).block(holiday)
        plan_leave(
            actor=member.as_actor(),
            now=shop.now,
            member=member,
            kind=LeaveKind.HOLIDAY,
            starts_on=holiday.start.date(),
            ends_on=(holiday.end - timedelta(days=1)).date(),
        )
    _be_there(shop, shop.with_role(Role.OWNER)[0].as_actor())


def _invitation(shop: Shop, colleague: Colleague) -> Invitation:
    email = shop.plan.email_of(colleague)
    if colleague is shop.plan.staff[0]:
        return Invitation.objects.get(email=email)
    owner = shop.with_role(Role.OWNER)[0]
    return invite_person(
        actor=owner.as_actor(),
        now=shop.now,
        email=email,
        name=colleague.name,
        kind=MembershipKind.STAFF,
        roles=colleague.roles,
    ).invitation


def _introduced(shop: Shop, member: Membership, colleague: Colleague) -> Membership:
    return save_profile(
        actor=member.as_actor(),
        now=shop.now,
        membership=member,
        name=colleague.name,
        phone=colleague.mobile,
        signature=f"{colleague.name}\n{shop.plan.name}, {shop.plan.phone}",
        landing="",
    )


def _settle(shop: Shop, owner: Actor) -> None:
    plan, settings = shop.plan, ShopSettings.objects.get()
    company = {
        "legal_name": plan.legal_name,
        "address": plan.address,
        "phone": plan.phone,
        "email": f"help@{plan.domain}",
        "website": f"https://{plan.domain}",
        "tax_id": plan.tax_id,
        "registration": plan.registration,
    }
    save_company(actor=owner, now=shop.now, settings=settings, name=plan.name, values=company)
    save_brand(actor=owner, now=shop.now, settings=settings, hue=plan.hue, logo=None)


def _be_there(shop: Shop, owner: Actor) -> None:
    """Hours with England's holidays and an evening off, and weeks of being on call in turn."""
    calendar = ServiceCalendar.objects.get(is_default=True)
    calendar = change_calendar(actor=owner, now=shop.now, calendar=calendar, values={"region": "ENG"})
    year = shop.timeline.end.year
    for day in (date(year, 12, 24), date(year + 1, 1, 2)):
        set_own_day(actor=owner, now=shop.now, calendar=calendar, own=OwnDay(day, "Office closed"))
    guards = [shop.staff[colleague.name] for colleague in shop.plan.staff if colleague.on_call]
    monday = shop.timeline.end.date() - timedelta(days=shop.timeline.end.weekday() + 7)
    handovers = [shop.hours.at(monday + week * timedelta(days=7), time(9)) for week in range(9)]
    dispatcher = shop.one(Role.DISPATCHER).as_actor()
    plan_rota(actor=dispatcher, now=shop.now, members=guards, handovers=handovers)


def _holidays(shop: Shop) -> Iterator[Stretch]:
    """A week off for two technicians at most; what they leave lying makes others late."""
    begin, length = shop.timeline.end - timedelta(days=shop.plan.days), timedelta(days=shop.plan.days)
    for share in (0.3, 0.62):
        start = begin + length * share
        yield Stretch(start, start + timedelta(days=8))
