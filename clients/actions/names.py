"""Keeping what clients are recognised by up to date. Derived data, so nothing is written to the activity log."""

from __future__ import annotations

from clients.models import Archivable, Asset, Client, Contact, KnownName, Site
from clients.rules.names import Name, of_client, of_person, of_thing


def keep_names(row: Archivable) -> None:
    """Bring the names of a client, contact, site or asset up to date. Needs an open transaction."""
    wanted = {(name.kind.value, name.key): name.said for name in _names_of(row)}
    kept = {(name.kind, name.key): name for name in KnownName.objects.filter(source_id=row.pk)}
    if gone := [name.pk for key, name in kept.items() if wanted.get(key) != name.said]:
        KnownName.objects.filter(pk__in=gone).delete()
    client_id = row.pk if isinstance(row, Client) else row.client_id  # type: ignore[attr-defined]
    KnownName.objects.bulk_create(
        KnownName(client_id=client_id, source_id=row.pk, kind=kind, key=key, said=said)
        for (kind, key), said in wanted.items()
        if (kind, key) not in kept or kept[kind, key].said != said
    )


def _names_of(row: Archivable) -> set[Name]:
    match row:
        case Client(is_unsorted=False):
            return of_client(name=row.name, email=row.email, website=row.website, phone=row.phone)
        case Contact():
            return of_person(name=row.name, email=row.email, phones=[row.phone, row.mobile])
        case Site():
            return of_person(name="", phones=[row.phone])
        case Asset():
            return of_thing(name=row.name, serial=row.serial)
    return set()
