"""Questions about clients that take more than one row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from clients.models import Asset, Client, ClientNote, Contact, Site
from msp.accounts.models import Invitation, Membership
from msp.accounts.registry import PortalIdentity


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
    """What the client page shows of our own records."""

    sites: list[Site]
    contacts: list[Contact]
    assets: list[Asset]
    notes: list[ClientNote]


def record_of(client: Client, *, archived: bool = False) -> ClientRecord:
    """A client's living (or archived) sites, contacts and assets, and its notes. Four queries."""
    living = {"client": client, "archived_at__isnull": not archived}
    return ClientRecord(
        list(Site.objects.filter(**living).order_by("-is_main", "name")),
        list(Contact.objects.filter(**living).select_related("site", "membership").order_by("-decides", "name")),
        list(Asset.objects.filter(**living).select_related("site").order_by("kind", "name")),
        list(ClientNote.objects.filter(client=client, archived_at=None).order_by("-is_pinned", "-created_at")[:50]),
    )


def open_invitation(contact: Contact, now: datetime) -> Invitation | None:
    """The invitation to the portal that a contact has not answered yet."""
    found = Invitation.objects.filter(subject_id=contact.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    return found.order_by("-created_at").first()


def colleagues() -> list[Contact]:
    """The living contacts of the client in scope, by name."""
    return list(Contact.objects.filter(archived_at=None).select_related("site").order_by("name"))


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
