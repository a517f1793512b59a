"""What the walls test must be told about the apps: what addresses are filled with, and what rows cannot tell by themselves.

An address's `ticket_id`, `time_entry_id` … is the key of the planted row of the model of that name; everything else stands here.
When a new route or model makes the walls test ask for a value, this is the only file to edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from clients.models import Client
from msp.files.actions import write_bytes
from msp.tenancy.models import TenantModel
from msp.tenancy.tokens import Token
from msp.tenancy.walls import tenant_models

if TYPE_CHECKING:
    from tests.walls.plants import Place

# --- addresses ---

SECRET = "leaves-no-trace"  # of every link from outside

# Name in a route → its value at a place, where the name is not that of a model.
KWARGS: dict[str, Callable[[Place], Any]] = {
    "client_slug": lambda place: place.rows[Client].slug,  # type: ignore[attr-defined]
    "ticket_number": lambda place: place.row("tickets.Ticket").number,
    "note_id": lambda place: place.row("clients.ClientNote").pk,
    "membership_id": lambda place: place.shop.staff["technician"].pk,  # the contacts' own stand nowhere in an address
    "invitation_token": lambda place: Token(place.shop.tenant.pk, place.row("accounts.Invitation").pk, SECRET),
    "queue_name": lambda place: "jobs",
    "due_row_id": lambda place: place.row("jobs.Job").pk,
    "mail_id": lambda place: place.row("mail.OutgoingMail").pk,
    "file_id": lambda place: place.row("files.StoredFile").pk,
    "sign_in_mail_id": lambda place: place.row("mail.OutgoingMail").pk,  # of no shop, so no shop has one
    "subject_kind": lambda place: "clients.client",
    "subject_id": lambda place: place.client.client.pk,
    # Of allauth's own pages, which know no shop: values that fit the address and open nothing.
    "uidb36": lambda place: "1",
    "key": lambda place: "set-password",
    "pk": lambda place: 1,
}


def value_of(name: str, place: Place) -> Any:
    """What stands in an address for `name`. Raises KeyError when nobody said."""
    if name in KWARGS:
        return KWARGS[name](place)
    if name.endswith("_id") and (model := _MODELS.get(name.removesuffix("_id"))) is not None:
        return place.rows[model].pk
    raise KeyError(f"no value for {name} in tests/walls/vocabulary.py")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


_MODELS: dict[str, type[TenantModel]] = {_snake(model.__name__): model for model in tenant_models()}


# --- answers ---


@dataclass(frozen=True)
class Odd:
    """Answers of a route, beyond its door's, that are right for people who may come in, and why."""

    statuses: frozenset[int]
    why: str


ODD: dict[str, Odd] = {
    "jobs:healthz": Odd(frozenset({503}), "no worker runs beside these tests, and monitoring must hear it"),
    "jobs:job": Odd(frozenset({404}), "a job is shown to who asked for it, and to who may see the system"),
}

# --- rows ---

LATER = datetime(2100, 1, 1, tzinfo=UTC)

# Columns that hold a code of a known kind in every table: they carry no words.
BY_NAME: dict[str, Any] = {
    "zone": "Europe/London",
    "country": "GB",
    "currency": "GBP",
    "language": "en",
    "landing": "",
    "sha256": "0" * 64,
}


def by_name(name: str) -> Any:
    return BY_NAME.get(name)


# Model → the values that its constraints ask for beyond the fields' types; they may use the place and its words.
VALUES: Mapping[str, Callable[[Place, str], dict[str, Any]]] = {
    # Whoever holds its link reads it, so it carries no note.
    "accounts.Invitation": lambda place, words: {
        "kind": "staff",
        "roles": ["technician"],
        "name": place.words[0],
        "invited_by": place.words[0],
        "email": f"invited.{place.words[0]}@example.com",
        "secret_hash": Token(0, place.client.client.pk, SECRET).hash,
        "expires_at": LATER,
    },
    "audit.Entry": lambda place, words: {
        "verb": "client.changed",
        "subject_kind": "clients.client",
        "subject_id": place.client.client.pk,
        "data": {"name": words, "was": {}, "now": {}},
    },
    "tickets.Message": lambda place, words: {
        "contact": None if place.hides else place.contact,
        "recipients": [{"name": words, "email": f"{place.words[0]}@example.com"}],
        "withdrawn_at": None,
    },
    "files.StoredFile": lambda place, words: vars(
        write_bytes(tenant_id=place.shop.tenant.pk, name="words.txt", content=words.encode(), content_type="text/plain")
    ),
    "tickets.TimeEntry": lambda place, words: {"locked_because": ""},
    "search.Found": lambda place, words: {"kind": "ticket", "label": words, "hint": words},
    "search.Token": lambda place, words: {"kind": "ticket", "token": "leak"},
}


# Models whose rows the portal reads by another column than `visibility`; VALUES makes the hidden ones so that it may not.
HIDING: frozenset[str] = frozenset()


def can_hide(model: type[TenantModel]) -> bool:
    """Whether a client's contacts may read some rows of a table and not others."""
    return model._meta.label in HIDING or any(each.name == "visibility" for each in model._meta.local_fields)


def values_for(model: type[TenantModel], place: Place, words: str) -> dict[str, Any]:
    """What VALUES says about a model, or nothing."""
    said = VALUES.get(model._meta.label)
    return said(place, words) if said else {}
