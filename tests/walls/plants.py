"""A row in every tenant table, for every place a request may aim at, its texts full of words that say whose they are.

A new model is planted by itself from its fields. Where a constraint asks for more than its fields tell, the app adds the
missing values to VALUES in vocabulary.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, models, transaction

from clients.models import Client, Contact
from msp.accounts.models import Membership, User
from msp.tenancy.context import enter, system_scope
from msp.tenancy.ids import new_id
from msp.tenancy.models import Tenant, TenantModel
from msp.tenancy.walls import tenant_models
from tests.walls import vocabulary
from tests.walls.vocabulary import NOTE, THEN
from tests.world import ClientWorld, ShopWorld, World

ROOM = 28  # characters that a field must take before its text can carry words


@dataclass
class Place:
    """Where rows lie. `rows` has one of every tenant table: the place's own, or the one it shares with its shop."""

    name: str
    shop: ShopWorld
    client: ClientWorld
    contact: Contact
    hides: bool = (
        False  # holds the client's rows that its contacts may not read, else those of the client's first place
    )
    numbers: Iterator[int] = field(default_factory=itertools.count)  # shared by all places: unique in every column
    rows: dict[type[TenantModel], TenantModel] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, str]:
        """What the texts of the place carry: the word of the shop and the word of the client."""
        return f"leak{self.shop.tenant.slug}", f"leak{self.name.split()[1]}"

    def row(self, label: str) -> TenantModel:
        """The place's row of the model with this label, for example "clients.ClientNote"."""
        return next(row for model, row in self.rows.items() if model._meta.label == label)


def places_of(world: World) -> list[Place]:
    """Own, colleague's, hidden, another client's, another shop's, seen from Anna of the first client of north."""
    north, low, numbers = world.north, world.low, itertools.count(1)
    return [
        Place("north one", north, north.one, north.one.anna, numbers=numbers),
        Place("north one colleague", north, north.one, north.one.ben, numbers=numbers),
        Place("north one hidden", north, north.one, north.one.anna, hides=True, numbers=numbers),
        Place("north two", north, north.two, north.two.anna, numbers=numbers),
        Place("low lowone", low, low.one, low.one.anna, numbers=numbers),
    ]


def plant(world: World) -> list[Place]:
    """Fill the world. Raises IntegrityError, naming the model, when a row cannot be made from its fields alone."""
    places = places_of(world)
    for shop in (world.north, world.low):
        _mark_shop(shop, [place for place in places if place.shop is shop])
    for place in places:
        with enter(system_scope(place.shop.tenant.pk)):
            _adopt(place)
            for model in _parents_first(tenant_models()):
                if place.hides and not vocabulary.can_hide(model):
                    place.rows[model] = places[0].rows[model]
                elif model not in place.rows:
                    place.rows[model] = _row_for(place, model, places)
    for place in places:
        with enter(system_scope(place.shop.tenant.pk)):
            vocabulary.settle(place)
    return places


# --- what the world has already ---


def _mark_shop(shop: ShopWorld, places: list[Place]) -> None:
    """Write the words into the rows that tests.world made."""
    word = f"leak{shop.tenant.slug}"
    Tenant.objects.filter(pk=shop.tenant.pk).update(name=f"{word} shop")
    with enter(system_scope(shop.tenant.pk)):
        shop.settings.logo = word.encode()
        _mark(shop.settings, word)
        for member in shop.staff.values():
            _mark(member, word)
        for place in {place.client.client.pk: place for place in places}.values():
            words = " ".join(place.words)
            for row in (place.client.client, place.client.site, place.client.asset):
                _mark(row, words)
            for contact in (place.client.anna, place.client.ben):
                _mark(contact, words)
                member = Membership.objects.get(pk=contact.membership_id)
                _mark(member, words)
                User.objects.filter(pk=member.user_id).update(email=f"{contact.pk}.{'.'.join(place.words)}@example.com")


def _mark(row: TenantModel, words: str) -> None:
    for each in _texts(type(row)):
        setattr(row, each.name, _said(each, words))
    row.save()


def _adopt(place: Place) -> None:
    """The place's rows that the world has."""
    place.rows |= {Client: place.client.client, Contact: place.contact}
    place.rows |= {type(row): row for row in (place.client.site, place.client.asset, place.shop.settings)}
    place.rows[Membership] = Membership.objects.get(pk=place.contact.membership_id)


# --- rows from fields ---


def _parents_first(found: list[type[TenantModel]]) -> Iterator[type[TenantModel]]:
    waiting = list(found)
    while waiting:
        ready = [model for model in waiting if not (_targets(model) - {model}) & set(waiting)] or waiting[:1]
        yield from ready
        waiting = [model for model in waiting if model not in ready]


def _targets(model: type[TenantModel]) -> set[Any]:
    return {each.remote_field.model for each in model._meta.local_fields if isinstance(each, models.ForeignKey)}


def _row_for(place: Place, model: type[TenantModel], places: list[Place]) -> TenantModel:
    """The place's own row; where there can be one a client or a shop only, the one that is there."""
    try:
        with transaction.atomic():
            row = model(**_values(place, model))
            row.save()
            return row
    except IntegrityError as error:
        near = [other for other in places if model in other.rows and other.shop is place.shop]
        near.sort(key=lambda other: other.client is not place.client)
        if not near or "unique" not in str(error) or (_is_of_a_client(model) and near[0].client is not place.client):
            raise IntegrityError(f"{model._meta.label} needs VALUES in tests/walls/vocabulary.py: {error}") from error
        return near[0].rows[model]


def _values(place: Place, model: type[TenantModel]) -> dict[str, Any]:
    words = " ".join(place.words) if _is_of_a_client(model) else place.words[0]
    if model.portal.sql is None or place.hides:
        words = f"{NOTE} {words}"
    found = {each.name: _value(place, each, words) for each in model._meta.local_fields if _wants_a_value(each)}
    if "visibility" in found:
        choices = [value for value, _label in model._meta.get_field("visibility").choices or ()]
        found["visibility"] = next(value for value in choices if (value == "public") is not place.hides)
    return found | vocabulary.values_for(model, place, words)


def _is_of_a_client(model: type[TenantModel]) -> bool:
    return model is Client or model.client_field() is not None


def _wants_a_value(each: models.Field[Any, Any]) -> bool:
    return not each.primary_key and each.name != "tenant" and not getattr(each, "generated", False)


def _value(place: Place, each: models.Field[Any, Any], words: str) -> Any:
    if isinstance(each, models.ForeignKey):
        return _target(place, each)
    if _is_text(each):
        return _said(each, words)
    if each.has_default():
        return {"words": words} if isinstance(each, models.JSONField) else each.get_default()
    if each.null and not isinstance(each, models.DateTimeField | models.UUIDField):
        return None
    if each.choices:
        return next(value for value, _label in each.flatchoices)
    return vocabulary.by_name(each.name) or _plain(each, place)


def _target(place: Place, each: models.ForeignKey[Any, Any]) -> Any:
    target = each.remote_field.model
    if target is User:
        return User.objects.create(email=f"{new_id()}.{'.'.join(place.words)}@example.com")
    found = place.rows.get(target)
    if target is Membership and each.name != "membership":
        return place.shop.staff["technician"]
    if found is None and not each.null:
        raise LookupError(f"{each} comes before the row it points to")
    return found


def _plain(each: models.Field[Any, Any], place: Place) -> Any:  # noqa: PLR0911  one line a kind of field
    match each:
        case models.DateTimeField():
            return None if each.null else THEN
        case models.DateField():
            return THEN.date()
        case models.UUIDField() if not each.name.endswith("_id"):
            return new_id()  # a key of its own
        case models.UUIDField():
            return place.client.client.pk if each.name == "client_id" else place.contact.pk
        case models.IntegerField():
            return next(place.numbers)
        case models.DecimalField():
            return 1
        case models.BinaryField():
            return b"leaknote"
        case ArrayField():
            return []
        case models.JSONField():
            return {}
    return each.get_default()


# --- texts ---


def _texts(model: type[TenantModel]) -> Iterator[models.Field[Any, Any]]:
    return (each for each in model._meta.local_fields if _is_text(each))


def _is_text(each: models.Field[Any, Any]) -> bool:
    """Whether a column holds what people write, with room for the words."""
    if not isinstance(each, models.CharField | models.TextField) or each.choices or each.name in vocabulary.BY_NAME:
        return False
    return each.max_length is None or each.max_length >= ROOM


def _said(each: models.Field[Any, Any], words: str) -> str:
    if isinstance(each, models.SlugField):
        return "-".join([*words.split(), new_id().hex[-8:]])
    if isinstance(each, models.EmailField):
        return f"{'.'.join(words.split())}.{new_id().hex[-8:]}@example.com"
    if isinstance(each, models.URLField):
        return f"https://{'.'.join(words.split())}.example.com/"
    return f"{words} {each.name}"[: each.max_length]


def ids(place: Place) -> set[UUID]:
    """The keys of the rows that are the place's alone to show."""
    return {row.pk for model, row in place.rows.items() if _is_of_a_client(model)}
