"""The clients of a demo shop: companies, places, people, equipment, and who may use the portal."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from clients.actions import add_asset, add_contact, add_note, add_site, create_client, link_contact, pin_note
from clients.choices import AssetKind
from clients.models import Asset, Client, Contact, Site
from msp.accounts.actions import accept_as_new, accept_as_user, invite_person
from msp.accounts.choices import MembershipKind, Role
from msp.accounts.models import Membership, User

from .plans import PASSWORD, PortalPerson
from .prose import data
from .shop import ZONE, Account, Company, Shop, tick

_CONTACTS = {1: 2, 2: 3, 3: 4, 4: 5, 5: 7}
_EQUIPMENT = {
    1: {"computer": 1, "laptop": 1, "network": 1, "printer": 1},
    2: {"computer": 2, "laptop": 1, "network": 1, "printer": 1, "phone": 1},
    3: {"server": 1, "computer": 2, "laptop": 1, "network": 1, "printer": 1, "phone": 1},
    4: {"server": 1, "computer": 3, "laptop": 2, "network": 1, "printer": 1, "phone": 1},
    5: {"server": 2, "computer": 4, "laptop": 2, "network": 2, "printer": 2, "phone": 1},
}
_QUIET = 0.06  # of what their size would make a client call
_SHOWN = 2.5  # of it, where somebody signs in to the portal: the visitor shall find something there
_FIRST_NUMBER, _FIRST_MOBILE = 960200, 900300  # of the ranges that Ofcom keeps for fiction: 01632 960xxx, 07700 900xxx


class Numbers:
    """Hands out invented phone numbers, each once."""

    def __init__(self) -> None:
        self._line, self._mobile = _FIRST_NUMBER, _FIRST_MOBILE

    def line(self) -> str:
        self._line += 1
        return f"+44 1632 {self._line}"

    def mobile(self) -> str:
        self._mobile += 1
        return f"+44 7700 {self._mobile}"


def companies(shop: Shop) -> list[Company]:
    return [Company(**fields) for fields in data("clients")[shop.plan.slug]][: shop.plan.clients]


def take_on(shop: Shop) -> None:
    """Enter every client with what belongs to it, in the shop's first days."""
    numbers, given = Numbers(), _names(shop)
    for company in companies(shop):
        shop.accounts.append(_Entering(shop, company, numbers, given).account())
    people = {company.name: company for company in companies(shop)}
    for person in shop.plan.portal:
        if people.keys() >= set(person.clients):
            _let_in(shop, person)


def _names(shop: Shop) -> Iterator[str]:
    """Names of people, none twice while any is left."""
    words, chances = data("surroundings"), shop.chances("names")
    taken = {name.partition("|")[0] for company in companies(shop) for name in company.people}
    taken |= {person.name for person in shop.plan.staff} | {person.name for person in shop.plan.portal}
    pairs = [f"{first} {last}" for first in words["first_names"] for last in words["last_names"]]
    chances.shuffle(pairs)
    return (name for name in pairs if name not in taken)


class _Entering:
    """One client being entered by the office."""

    def __init__(self, shop: Shop, company: Company, numbers: Numbers, names: Iterator[str]) -> None:
        self.shop, self.company, self.numbers, self.names = shop, company, numbers, names
        self.chances = shop.chances(company.name)
        self.office = shop.one(Role.OFFICE_MANAGER).as_actor()

    def account(self) -> Account:
        company, chances = self.company, self.chances
        client = create_client(actor=self.office, now=self._now(), values=self._details())
        sites = self._sites(client)
        contacts = [self._contact(client, sites[0], number) for number in range(_CONTACTS[company.size])]
        assets = list(self._assets(client, sites))
        if company.note:
            self._remember(client)
        technicians = self.shop.with_role(Role.TECHNICIAN)
        activity = company.size**1.3 * chances.uniform(0.6, 1.5) * (_QUIET if company.quiet else 1)
        if any(company.name in person.clients for person in self.shop.plan.portal):
            activity *= _SHOWN
        usual = chances.choice(technicians)
        return Account(client, company, activity, sites, contacts, assets, usual)

    def _now(self) -> Any:
        return tick(self.shop.clock, self.chances)

    def _details(self) -> dict[str, Any]:
        company = self.company
        return {
            "name": company.name,
            "trade": company.trade,
            "phone": self.numbers.line(),
            "email": f"office@{company.short}.example",
            "website": f"https://www.{company.short}.example",
            "address": self._address(),
            "country": "GB",
            "zone": ZONE,
            "currency": "GBP",
            "language": "en",
            "since": self.shop.now.date() - timedelta(days=self.chances.randint(60, 3600)),
        }

    def _address(self) -> str:
        words, chances = data("surroundings"), self.chances
        town, area = chances.choice(words["towns"])
        ending = "".join(chances.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
        street = f"{chances.randint(1, 140)} {chances.choice(words['streets'])}"
        return f"{street}\n{town}\n{area} {chances.randint(1, 9)}{ending}"

    def _sites(self, client: Client) -> list[Site]:
        sites = [Site.objects.get(client=client)]
        for name in self.chances.sample(data("surroundings")["second_sites"], k=max(0, self.company.size - 3)):
            values = {"name": name, "address": self._address(), "phone": self.numbers.line(), "zone": ZONE}
            sites.append(add_site(actor=self.office, now=self._now(), client=client, values=values))
        return sites

    def _contact(self, client: Client, site: Site, number: int) -> Contact:
        company, titles = self.company, data("surroundings")["groups"][self.company.group]["titles"]
        named = company.people[number].split("|") if number < len(company.people) else None
        name, title = named or [next(self.names), titles[number % len(titles)]]
        first, _, last = name.lower().removeprefix("dr ").rpartition(" ")
        values = {
            "site": site,
            "name": name,
            "job_title": title,
            "email": f"{first or last}.{last}@{company.short}.example".replace("'", ""),
            "phone": client.phone,
            "mobile": self.numbers.mobile() if self.chances.random() < 0.6 else "",
            "language": "en",
            "decides": number == 0,
            "gets_invoices": number == min(1, _CONTACTS[company.size] - 1),
        }
        portal = next((p for p in self.shop.plan.portal if p.name == name), None)
        if portal:
            values["email"] = portal.email
        return add_contact(actor=self.office, now=self._now(), client=client, values=values)

    def _assets(self, client: Client, sites: list[Site]) -> Iterator[Asset]:
        for kind, number in _EQUIPMENT[self.company.size].items():
            for n in range(1, number + 1):
                yield self._asset(client, self.chances.choice(sites), kind, n)
        yield self._asset(client, sites[0], "service", 1)

    def _asset(self, client: Client, site: Site, kind: str, n: int) -> Asset:
        look, chances = data("surroundings")["assets"][kind], self.chances
        bought = self.shop.now.date() - timedelta(days=chances.randint(100, 2400))
        bought_on = None if kind == "service" else bought
        values = {
            "site": site,
            "name": look["name"].format(code=self.company.code, n=n),
            "kind": AssetKind(kind),
            "make_model": chances.choice(look["makes"]),
            "serial": "" if kind == "service" else _serial(chances),
            "bought_on": bought_on,
            "warranty_until": bought_on and _years_later(bought_on, 3),
        }
        return add_asset(actor=self.office, now=self._now(), client=client, values=values)

    def _remember(self, client: Client) -> None:
        owner, now = self.shop.with_role(Role.OWNER)[0], self._now()
        note = add_note(actor=owner.as_actor(), now=now, client=client, author=owner, body=self.company.note)
        pin_note(actor=owner.as_actor(), now=now, note=note, pinned=True)


def _serial(chances: random.Random) -> str:
    return "".join(chances.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=8))


def _years_later(day: date, years: int) -> date:
    return day + timedelta(days=365 * years)


def _let_in(shop: Shop, person: PortalPerson) -> None:
    """Give a contact the portal, at each of their clients."""
    chances, office = shop.chances(person.name), shop.one(Role.OFFICE_MANAGER).as_actor()
    user: User | None = None
    for account in [account for account in shop.accounts if account.client.name in person.clients]:
        contact = _contact_of(shop, account, person)
        invited = invite_person(
            actor=office,
            now=tick(shop.clock, chances),
            email=person.email,
            name=person.name,
            kind=MembershipKind.CONTACT,
            granted=person.rights,
            subject_id=contact.pk,
        )
        member = _accept(shop, invited.invitation, person, user)
        user = member.user
        contact.refresh_from_db()
        if contact.membership_id is None:
            contact = link_contact(actor=member.as_actor(), now=shop.now, contact=contact, membership=member)
        account.contacts = [contact if known.pk == contact.pk else known for known in account.contacts]


def _accept(shop: Shop, invitation: Any, person: PortalPerson, user: User | None) -> Membership:
    if user is not None:
        return accept_as_user(now=shop.now, invitation=invitation, user=user)
    return accept_as_new(now=shop.now, invitation=invitation, name=person.name, password=PASSWORD)


def _contact_of(shop: Shop, account: Account, person: PortalPerson) -> Contact:
    known = next((contact for contact in account.contacts if contact.name == person.name), None)
    if known is not None:
        return known
    values = {
        "site": account.sites[0],
        "name": person.name,
        "job_title": person.title,
        "email": person.email,
        "language": "en",
        "gets_invoices": "portal.invoices" in person.rights,
    }
    office = shop.one(Role.OFFICE_MANAGER).as_actor()
    contact = add_contact(actor=office, now=shop.now, client=account.client, values=values)
    account.contacts.append(contact)
    return contact
