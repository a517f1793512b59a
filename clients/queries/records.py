"""Questions about clients that take more than one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from clients.models import Asset, Client, ClientNote, Contact, Site
from msp.accounts.models import Invitation, Membership
from msp.accounts.registry import PortalIdentity
from msp.tenancy.keyset import Page, page_of

PART_SIZE = 25  # rows of each part on the client page
R = TypeVar("R", Site, Contact, Asset, ClientNote)
_NOTHING: Mapping[str, str] = MappingProxyType({})


def client_list(*, words: str = "", archived: bool = False) -> QuerySet[Client]:
    """Clients by name, with the number of living contacts and assets. Every word must start a word of the name or trade."""
    found = Client.objects.filter(archived_at__isnull=not archived)
    for word in words.split():
        start = Q()
        for column in ("name", "trade"):
            start |= Q(**{f"{column}__istartswith": word}) | Q(**{f"{column}__icontains": f" {word}"})
        found = found.filter(start)
    return found


@dataclass(frozen=True)
class Held:
    """How much we look after for a client."""

    contacts: int
    assets: int


def held_for(clients: Iterable[Client]) -> dict[UUID, Held]:
    """Living contacts and assets of one page of clients. Two queries."""
    ids = [client.pk for client in clients]
    people, things = _living(Contact, ids), _living(Asset, ids)
    return {pk: Held(people.get(pk, 0), things.get(pk, 0)) for pk in ids}


def _living(model: type[Contact] | type[Asset], ids: list[UUID]) -> dict[UUID, int]:
    rows = model.objects.filter(client__in=ids, archived_at=None).values_list("client_id")
    return dict(rows.annotate(number=Count("id")))


@dataclass(frozen=True)
class ClientRecord:
    """What the client page shows of our own records: a page of each."""

    sites: Page[Site]
    contacts: Page[Contact]
    assets: Page[Asset]
    notes: Page[ClientNote]


def record_of(client: Client, *, archived: bool = False, params: Mapping[str, str] = _NOTHING) -> ClientRecord:
    """A client's living (or archived) sites, contacts and assets, and its notes. Four queries.

    `params` (the request's GET) turn the pages of one of them, which they name as `part`.
    """
    living = {"client": client, "archived_at__isnull": not archived}
    standing = {name: value for name, value in params.items() if name not in {"part", "after", "before"}}

    def page(part: str, rows: QuerySet[R], *order: str) -> Page[R]:
        asked = params if params.get("part") == part else standing | {"part": part}
        return page_of(rows, order=(*order, "id"), params=asked, size=PART_SIZE)

    return ClientRecord(
        page("sites", Site.objects.filter(**living), "-is_main", "name"),
        page("people", Contact.objects.filter(**living).select_related("site", "membership"), "-decides", "name"),
        page("assets", Asset.objects.filter(**living).select_related("site"), "kind", "name"),
        page("notes", ClientNote.objects.filter(client=client, archived_at=None), "-is_pinned", "-created_at"),
    )


def open_invitation(contact: Contact, now: datetime) -> Invitation | None:
    """The invitation to the portal that a contact has not answered yet."""
    found = Invitation.objects.filter(subject_id=contact.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    return found.order_by("-created_at").first()


def colleagues() -> QuerySet[Contact]:
    """The living contacts of the client in scope, by name."""
    return Contact.objects.filter(archived_at=None).select_related("site").order_by("name", "id")


def portal_identity(membership: Membership) -> PortalIdentity | None:
    """Whose living contact a portal membership is."""
    contact = (
        Contact.objects.filter(membership=membership, archived_at=None, client__archived_at=None)
        .select_related("client", "site")
        .first()
    )
    if contact is None:
        return None
    zone = (contact.site or contact.client).zone
    return PortalIdentity(contact.client_id, contact.pk, contact.client.name, zone)
