"""Sites, contacts and equipment: three kinds of record that a client has many of, handled alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from clients import actions
from clients import serializers as shapes
from clients.access import part_or_404
from clients.models import Asset, Client, Contact, Site
from msp.api.api import Endpoint, described
from msp.api.choices import Area
from msp.api.requests import ApiRequest
from msp.api.rules import Conflict
from msp.api.serializers import with_phones


@dataclass(frozen=True)
class Part:
    """A kind of record: its words in addresses and the schema, its shapes, and how it is made."""

    name: str
    plural: str
    model: Any  # Site, Contact or Asset
    out: type[Serializer[Any]]
    body: type[Serializer[Any]]
    change: type[Serializer[Any]]
    query: type[Serializer[Any]]
    add: Callable[..., Site | Contact | Asset]

    @property
    def marked(self) -> list[str]:
        return sorted({*actions.EDITABLE[self.model]} - {"calendar"})


PARTS = (
    Part("site", "sites", Site, shapes.SiteOut, shapes.SiteIn, shapes.SiteChange, shapes.PartQuery, actions.add_site),
    Part(
        "contact", "contacts", Contact, shapes.ContactOut, shapes.ContactIn, shapes.ContactChange, shapes.ContactQuery,
        actions.add_contact,
    ),
    Part("asset", "assets", Asset, shapes.AssetOut, shapes.AssetIn, shapes.AssetChange, shapes.PartQuery, actions.add_asset),
)  # fmt: skip


def routes(part: Part) -> list[URLPattern]:
    """`clients:api-sites`, `clients:api-site`, …"""
    return [
        path(f"{part.plural}/", _list_of(part).as_view(), name=f"api-{part.plural}"),
        path(f"{part.plural}/<uuid:{part.name}_id>/", _one_of(part).as_view(), name=f"api-{part.name}"),
    ]


def _list_of(part: Part) -> type[Endpoint]:
    class PartList(Endpoint):
        area = Area.CLIENTS

        @described(f"List {part.plural}", query=part.query, answer=part.out, name=f"list_{part.plural}")
        def get(self, request: ApiRequest) -> Response:
            asked = self.asked(part.query)
            return self.page(_rows(part, asked), part.out, order=("id",), limit=asked["limit"])

        @described(f"Add {_one(part)}", body=part.body, answer=part.out, status=201, name=f"add_{part.name}")
        def post(self, request: ApiRequest) -> Response:
            said = self.said(part.body)
            client = self.found(Client.objects.all(), "client", said.pop("client"))
            values = _checked(self, part, client, said | _of_the_client(part, client, said))
            with _if_nobody_is_faster():
                row = part.add(actor=self.caller.actor, now=timezone.now(), client=client, values=values)
            return self.one(row, part.out, marked=part.marked, status=201)

    return PartList


def _one_of(part: Part) -> type[Endpoint]:
    class OnePart(Endpoint):
        area = Area.CLIENTS

        @described(f"Get {_one(part)}", answer=part.out, name=f"get_{part.name}")
        def get(self, request: ApiRequest, **key: UUID) -> Response:
            return self.one(part_or_404(part.model, key[f"{part.name}_id"]), part.out, marked=part.marked)

        @described(f"Change {_one(part)}", body=part.change, answer=part.out, name=f"change_{part.name}", marked=True)
        def patch(self, request: ApiRequest, **key: UUID) -> Response:
            """What is not said stays as it is."""
            row = part_or_404(part.model, key[f"{part.name}_id"])
            values = _checked(self, part, row.client, self.said(part.change), row)
            values = self.on_mark(row, part.marked, values)
            given: dict[str, Any] = {"actor": self.caller.actor, "now": timezone.now(), "mark": self.if_match}
            with _if_nobody_is_faster():
                return self.one(actions.change(row=row, values=values, **given), part.out, marked=part.marked)

    return OnePart


def _one(part: Part) -> str:
    return f"{'an' if part.name[0] in 'aeiou' else 'a'} {part.name}"


def _rows(part: Part, asked: dict[str, Any]) -> QuerySet[Any]:
    rows: QuerySet[Any] = part.model.objects.filter(archived_at__isnull=not asked["archived"])
    if "client" in asked:
        rows = rows.filter(client=asked["client"])
    return rows.filter(email__iexact=asked["email"]) if "email" in asked else rows


def _of_the_client(part: Part, client: Client, said: dict[str, Any]) -> dict[str, Any]:
    """What is the client's unless it is said."""
    names = {"zone", "language"} & {field.name for field in part.model._meta.fields} - said.keys()
    return {name: getattr(client, name) for name in names}


def _checked(endpoint: Endpoint, part: Part, client: Client, values: dict[str, Any], row: Any = None) -> dict[str, Any]:
    """What the shop's other rows have to say to it. Raises Conflict."""
    if "site" in values:
        values["site"] = endpoint.found(Site.objects.living().filter(client=client), "site", values["site"])
    if part.model is Site:
        _check_site(client, values, row)
    return with_phones(values, client.country)


def _check_site(client: Client, values: dict[str, Any], row: Site | None) -> None:
    if row is not None and row.is_main and values.get("is_main") is False:
        raise Conflict(_("Make another site the main one instead; a client has exactly one."))
    twins = Site.objects.living().filter(client=client, name=values.get("name"))
    if (twins.exclude(pk=row.pk) if row else twins).exists():
        raise Conflict(_("This client already has a site of that name."))


@contextmanager
def _if_nobody_is_faster() -> Iterator[None]:
    """Somebody else may take a name between the look and the write."""
    try:
        yield
    except IntegrityError:
        raise Conflict(_("Somebody was faster. Try again.")) from None
