"""Everybody who may come to a door: nobody, each role, another shop's owner, and the clients' people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.test import Client as Browser

from clients.models import Contact
from msp.accounts.choices import MembershipKind
from msp.accounts.models import Membership, User
from msp.tenancy.context import enter
from tests.api.calling import program
from tests.walls.plants import Place, ids
from tests.walls.vocabulary import NOTE
from tests.world import STAFF_ROLES, ShopWorld, World, signed_in


class Relation(StrEnum):
    """Whose an object is, seen from who asks."""

    OWN = "own"
    COLLEAGUE = "colleague's"
    HIDDEN = "own but internal"
    OTHER_CLIENT = "other client's"
    OTHER_SHOP = "other shop's"
    NOBODY = "somebody's"  # seen by nobody in particular


Side = tuple[int | None, UUID | None]  # whose pages one sees: the shop, and for a contact the client


@dataclass
class Actor:
    """Somebody with a browser. `foreign` words must never reach them, `own_words` do.

    `is_first`: nobody before them stands to their own objects as they do.
    """

    name: str
    role: str
    browser: Browser
    membership: Membership | None = None
    shop: ShopWorld | None = None
    contact: Contact | None = None
    foreign: frozenset[str] = frozenset()
    own_words: frozenset[str] = frozenset()
    foreign_ids: frozenset[str] = frozenset()
    program: bool = False  # comes with a token; `membership` None: the shop's own

    @property
    def is_first(self) -> bool:
        return self.role not in {
            "other shop's owner",
            "other shop's contact",
            "other client's contact",
            "other shop's program",
        }

    @property
    def side(self) -> Side:
        return (self.shop.tenant.pk if self.shop else None), (self.contact.client_id if self.contact else None)


def relation_of(actor: Actor, place: Place) -> Relation:
    """How an actor stands to the rows of a place."""
    if actor.shop is None:
        return Relation.NOBODY
    if actor.shop is not place.shop:
        return Relation.OTHER_SHOP
    if actor.contact is None:
        return Relation.HIDDEN if place.hides else Relation.OWN
    if actor.contact.client_id != place.client.client.pk:
        return Relation.OTHER_CLIENT
    if place.hides:
        return Relation.HIDDEN
    return Relation.OWN if place.contact.pk == actor.contact.pk else Relation.COLLEAGUE


def nobody(places: list[Place]) -> Actor:
    words = frozenset(word for place in places for word in place.words)
    return Actor("anonymous", "anonymous", Browser(SERVER_NAME="localhost"), foreign=words | {NOTE})


def staff(world: World, places: list[Place]) -> list[Actor]:
    """Every role of north."""
    return [_member(role, role.replace("_", " "), world.north, world.north.staff[role], places) for role in STAFF_ROLES]


def strangers(world: World, places: list[Place]) -> list[Actor]:
    """The other shop's owner, and a contact of its client."""
    owner = _member("owner of low", "other shop's owner", world.low, world.low.staff["owner"], places)
    return [owner, _person("contact of low", "other shop's contact", world.low, world.low.one.anna, places)]


def people(world: World, places: list[Place]) -> list[Actor]:
    """Contacts of north: the client's own, a colleague, another client's, and one without any capability."""
    north = world.north
    return [
        _person("contact", "contact", north, north.one.anna, places),
        _person("colleague", "contact's colleague", north, north.one.ben, places),
        _person("contact of two", "other client's contact", north, north.two.anna, places),
        _person("contact without rights", "contact without rights", north, _powerless(north), places),
    ]


def programs(world: World, places: list[Place]) -> list[Actor]:
    """What comes with a token that has every scope: of each member of north, of north itself, of another shop's owner."""
    north = [_program(f"program of {role}", world.north, role, places) for role in STAFF_ROLES]
    service = _program("program of the shop", world.north, "", places)
    return [*north, service, _program("program of low", world.low, "owner", places, role_name="other shop's program")]


def _program(name: str, shop: ShopWorld, role: str, places: list[Place], role_name: str = "") -> Actor:
    member = shop.staff[role] if role else None
    actor = _member(name, role_name or name, shop, member or shop.staff["owner"], places)
    text = program(shop, role).text
    actor.browser = Browser(SERVER_NAME="localhost", HTTP_AUTHORIZATION=f"Bearer {text}")
    actor.membership, actor.program = member, True
    return actor


def _member(name: str, role: str, shop: ShopWorld, member: Membership, places: list[Place]) -> Actor:
    theirs = [place for place in places if place.shop is not shop]
    return Actor(
        name,
        role,
        signed_in(member),
        member,
        shop,
        foreign=frozenset(f"leak{place.shop.tenant.slug}" for place in theirs),
        own_words=frozenset({f"leak{shop.tenant.slug}"}),
        foreign_ids=frozenset(str(pk) for place in theirs for pk in ids(place)),
    )


def _person(name: str, role: str, shop: ShopWorld, contact: Contact, places: list[Place]) -> Actor:
    with enter(shop.scope()):
        member = Membership.objects.get(pk=contact.membership_id)
    theirs = [place for place in places if place.client.client.pk != contact.client_id]
    mine = [place for place in places if place not in theirs]
    words = {place.words[1] for place in theirs} | {place.words[0] for place in theirs if place.shop is not shop}
    return Actor(
        name,
        role,
        signed_in(member),
        member,
        shop,
        contact,
        foreign=frozenset(words | {NOTE}),
        own_words=frozenset(place.words[1] for place in mine),
        foreign_ids=frozenset(str(pk) for place in theirs for pk in ids(place)),
    )


def _powerless(shop: ShopWorld) -> Contact:
    """A third person of the first client, who may sign in and nothing else."""
    one = shop.one
    with enter(shop.scope()):
        user = User.objects.create(email="carl@leakone.example")
        member = Membership.objects.create(user=user, kind=MembershipKind.CONTACT, name="leaknorth leakone Carl")
        return Contact.objects.create(client=one.client, membership=member, name=member.name, language="en")
