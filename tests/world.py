"""The world of the tests: two shops, each with one person per role and two clients with two contacts each.

Rows are made directly, because the actions that make them are what other tests prove.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from django.test import Client as Browser

from clients.models import Asset, Client, Contact, Site
from msp.accounts.choices import MembershipKind, PortalCapability, Role
from msp.accounts.models import Membership, ShopSettings, User
from msp.accounts.requests import choose
from msp.tenancy.context import enter, staff_scope, system_scope
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


def _member(shop: ShopWorld, role: str) -> Membership:
    name = role.replace("_", " ").title()
    user = User.objects.create(email=f"{role}@{shop.tenant.slug}.example")
    return Membership.objects.create(user=user, name=f"{name} {shop.tenant.name}", roles=[Role(role)])


def _client(shop: ShopWorld, name: str) -> ClientWorld:
    slug = f"{name.lower()}-{shop.tenant.slug}"
    client = Client.objects.create(
        name=f"{name} {shop.tenant.name}", slug=slug, country="GB", zone="Europe/London", currency="GBP", language="en"
    )
    site = Site.objects.create(client=client, name="Main office", zone="Europe/London", is_main=True)
    asset = Asset.objects.create(client=client, site=site, name=f"{name.upper()}-SRV01", kind="server")
    people = []
    for first in ("Anna", "Ben"):
        email = f"{first.lower()}@{slug}.example"
        membership = Membership.objects.create(
            user=User.objects.create(email=email),
            kind=MembershipKind.CONTACT,
            name=f"{first} {name}",
            granted=list(PortalCapability),
        )
        people.append(
            Contact.objects.create(
                client=client, site=site, membership=membership, name=membership.name, email=email, language="en"
            )
        )
    return ClientWorld(client, site, asset, *people)


def _shop(slug: str, name: str) -> ShopWorld:
    tenant = Tenant.objects.create(slug=slug, name=name)
    with enter(system_scope(tenant.pk)):
        shop = ShopWorld(tenant, ShopSettings.objects.create(legal_name=f"{name} Ltd", email=f"help@{slug}.example"))
        shop.staff = {role: _member(shop, role) for role in STAFF_ROLES}
        shop.one, shop.two = _client(shop, "Harbour"), _client(shop, "Orchard")
    return shop


@pytest.fixture
def world(db: None) -> World:
    """Two shops, `north` and `low`, alike in everything but their names."""
    return World(_shop("north", "Northgate"), _shop("low", "Lowmoor"))
