"""The world of the tests: two shops, each with one person per role and two clients with two contacts each.

Rows are made directly, because the actions that make them are what other tests prove.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as Browser

from clients.models import Asset, Client, Contact, Site
from msp.accounts.choices import MembershipKind, PortalCapability, Role
from msp.accounts.models import Membership, ShopSettings, User
from msp.accounts.requests import choose
from msp.tenancy.context import enter, staff_scope, system_scope
from msp.tenancy.ids import ids_from, uuid7
from msp.tenancy.models import Tenant
from msp.tenancy.scope import Audience, Scope

NOW = datetime(2026, 11, 23, 13, 38, tzinfo=UTC)
STAFF_ROLES = ("owner", "office_manager", "dispatcher", "technician", "read_only")


@dataclass
class ClientWorld:
    """A client with a site, an asset and two contacts who can sign in."""

    client: Client
    site: Site
    asset: Asset
    anna: Contact
    ben: Contact


@dataclass
class ShopWorld:
    tenant: Tenant
    settings: ShopSettings
    staff: dict[str, Membership] = field(default_factory=dict)
    one: ClientWorld = field(init=False)
    two: ClientWorld = field(init=False)

    def scope(self) -> Scope:
        return staff_scope(self.tenant.pk)

    def portal_scope(self, contact: Contact) -> Scope:
        return Scope(self.tenant.pk, Audience.PORTAL, contact.client_id, contact.pk)

    def browser(self, role: str) -> Browser:
        """A browser signed in as the shop's member of staff with this role."""
        return signed_in(self.staff[role])

    def portal(self, contact: Contact) -> Browser:
        """A browser signed in as this contact."""
        with enter(self.scope()):
            return signed_in(Membership.objects.get(pk=contact.membership_id))


@dataclass
class World:
    north: ShopWorld
    low: ShopWorld


def signed_in(membership: Membership) -> Browser:
    browser = Browser(SERVER_NAME="localhost")
    browser.force_login(User.objects.get(pk=membership.user_id), "allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    choose(session, membership)
    session.save()
    return browser


def in_order() -> Callable[[], UUID]:
    """Keys that sort as they were made, which those of one millisecond don't."""
    start, numbers = time.time_ns() // 1_000_000, itertools.count(1)
    return lambda: uuid7(start, next(numbers) << 40 | secrets.randbits(40))


NAMES = ("Harbour", "Orchard")  # of a shop's clients
PEOPLE = ("Anna", "Ben")  # of each client


def _shop(slug: str, name: str) -> ShopWorld:
    """By few and large inserts: nearly every test begins with this."""
    tenant = Tenant.objects.create(slug=slug, name=name)
    with enter(system_scope(tenant.pk)), ids_from(in_order()):
        settings = ShopSettings.objects.create(legal_name=f"{name} Ltd", email=f"help@{slug}.example")
        shop = ShopWorld(tenant, settings, {each.roles[0]: each for each in _staff(slug, name)})
        shop.one, shop.two = _clients(slug, name)
    return shop


def _staff(slug: str, name: str) -> list[Membership]:
    users = User.objects.bulk_create([User(email=f"{role}@{slug}.example") for role in STAFF_ROLES])
    return Membership.objects.bulk_create(
        [
            Membership(user=user, name=f"{role.replace('_', ' ').title()} {name}", roles=[Role(role)])
            for user, role in zip(users, STAFF_ROLES, strict=True)
        ]
    )


def _clients(slug: str, shop: str) -> list[ClientWorld]:
    place: dict[str, Any] = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
    clients = Client.objects.bulk_create(
        [Client(name=f"{name} {shop}", slug=f"{name.lower()}-{slug}", **place) for name in NAMES]
    )
    sites = Site.objects.bulk_create(
        [Site(client=client, name="Main office", zone="Europe/London", is_main=True) for client in clients]
    )
    assets = Asset.objects.bulk_create(
        [
            Asset(client=site.client, site=site, name=f"{name.upper()}-SRV01", kind="server")
            for site, name in zip(sites, NAMES, strict=True)
        ]
    )
    people = _contacts(sites)
    return [
        ClientWorld(client, site, asset, *people[2 * at : 2 * at + 2])
        for at, (client, site, asset) in enumerate(zip(clients, sites, assets, strict=True))
    ]


def _contacts(sites: list[Site]) -> list[Contact]:
    """Anna and Ben of each site's client, who may do everything in the portal."""
    whose = [(site, first, f"{first.lower()}@{site.client.slug}.example") for site in sites for first in PEOPLE]
    users = User.objects.bulk_create([User(email=email) for _site, _first, email in whose])
    members = Membership.objects.bulk_create(
        [
            Membership(
                user=user,
                kind=MembershipKind.CONTACT,
                name=f"{first} {site.client.name.split()[0]}",
                granted=list(PortalCapability),
            )
            for user, (site, first, _email) in zip(users, whose, strict=True)
        ]
    )
    return Contact.objects.bulk_create(
        [
            Contact(client=site.client, site=site, membership=member, name=member.name, email=email, language="en")
            for member, (site, _first, email) in zip(members, whose, strict=True)
        ]
    )


@pytest.fixture
def world(db: None) -> World:
    """Two shops, `north` and `low`, alike in everything but their names."""
    return World(_shop("north", "Northgate"), _shop("low", "Lowmoor"))
