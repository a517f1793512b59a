"""What is known of the shop's other clients, as far as a message names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

import phonenumbers

from clients.choices import NameKind
from clients.models import Client, KnownName
from clients.rules.names import domain_of, key_of, phone_key
from msp.accounts.models import Membership, ShopSettings
from msp.search.queries import spread
from msp.search.rules import words_of
from tickets.models import Ticket
from tickets.rules import leaks as rules
from tickets.rules.leaks import Asked, Known, Leak, Span, asked_by

_WORDS = (NameKind.CLIENT, NameKind.SHORT, NameKind.PERSON)


def find_leaks(ticket: Ticket, body: str, recipients: Sequence[str] = ()) -> list[Leak]:
    """What in a message about `ticket` gives another client away, and addresses among `recipients` that are another's."""
    return leaks_to(ticket.client, body, recipients)


def leaks_to(client: Client, text: str, recipients: Sequence[str] = ()) -> list[Leak]:
    """What in a text that `client` will read gives another client away.

    Names of the client itself, of the shop and of its staff are no leak, whoever else bears them. One query when nothing is
    found, four at most, however many clients and people the shop knows.
    """
    asked = _with_phones(asked_by(text), text, client.country)
    to = {address.casefold() for address in recipients}
    rows = _known(asked.keys | to | {domain_of(address) for address in to} - {""})
    mine = {(row.kind, row.key) for row in rows if row.client_id == client.pk}
    others = [row for row in rows if row.client_id != client.pk and (row.kind, row.key) not in mine]
    if not others:
        return []
    ours = _of_the_shop()
    others = _counted([row for row in others if (row.kind, row.key) not in ours])
    words = {word for row in others if row.kind in _WORDS and asked.spans(row) for word in row.key.split()}
    found = rules.find_leaks(asked, others, common=spread(sorted(words), kind="ticket"))
    return _of_recipients(to, others) + found


def leaks_of(texts: Sequence[tuple[Client, str]]) -> list[list[Leak]]:
    """As `leaks_to` for many texts at once, each for the client that will read it. Four queries at most."""
    asked = [_with_phones(asked_by(text), text, client.country) for client, text in texts]
    rows = _known(set().union(*(each.keys for each in asked)) if asked else ())
    if not rows:
        return [[] for _text in texts]
    ours = _of_the_shop()
    shared = _counted([row for row in rows if (row.kind, row.key) not in ours])
    words = {word for row in shared if row.kind in _WORDS for word in row.key.split()}
    common = spread(sorted(words), kind="ticket")
    found = []
    for (client, _text), each in zip(texts, asked, strict=True):
        mine = {(row.kind, row.key) for row in rows if row.client_id == client.pk}
        others = [row for row in shared if row.client_id != client.pk and (row.kind, row.key) not in mine]
        found.append(rules.find_leaks(each, others, common=common) if others else [])
    return found


def _known(keys: Iterable[str]) -> list[Known]:
    rows = KnownName.objects.filter(key__in=keys, client__is_unsorted=False).order_by("id")
    columns = ("kind", "key", "said", "client_id", "client__name")
    return [Known(NameKind(kind), *rest) for kind, *rest in rows.values_list(*columns)]


def _counted(rows: list[Known]) -> list[Known]:
    """Each with the number of other clients that share it: “SRV01” stands in many cellars."""
    sharing: dict[tuple[str, str], set[UUID]] = defaultdict(set)
    for row in rows:
        sharing[row.kind, row.key].add(row.client_id)
    return [replace(row, sharers=len(sharing[row.kind, row.key]) - 1) for row in rows]


def _of_the_shop() -> set[tuple[str, str]]:
    """Names that are the shop's own: its staff, its domain."""
    settings = ShopSettings.objects.only("email", "phone").get()
    found = {(NameKind.DOMAIN, domain_of(settings.email)), (NameKind.ADDRESS, settings.email.casefold())}
    found.add((NameKind.PHONE, phone_key(settings.phone)))
    for name in Membership.objects.filter(kind="staff").values_list("name", flat=True):
        words = words_of(name)
        found |= {(NameKind.PERSON, key_of(words)), (NameKind.SURNAME, words[-1] if words else "")}
    return {(str(kind.value), key) for kind, key in found}


def _with_phones(asked: Asked, body: str, country: str) -> Asked:
    """Phone numbers as well, however they are written."""
    spans = {
        phone_key(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)): [
            Span(match.raw_string, "", begins=False)
        ]
        for match in phonenumbers.PhoneNumberMatcher(body, country)
    }
    return Asked(asked.names, {**asked.codes, **spans})


def _of_recipients(to: set[str], others: Iterable[Known]) -> list[Leak]:
    """Addresses that are another client's person's, or lie in another client's domain. Each once."""
    found: dict[tuple[str, str], Leak] = {}
    for address in sorted(to):
        keys = {(NameKind.ADDRESS, address), (NameKind.DOMAIN, domain_of(address))}
        for row in (row for row in others if (row.kind, row.key) in keys):
            found.setdefault((address, row.client), Leak(row.kind, address, row.client, 100))
    return list(found.values())
