"""Questions about clients that take more than one row. One module a subject."""

from __future__ import annotations

from .addresses import clients_of_domain, contacts_at
from .calendars import calendar_for, default_calendar, on_call, shop_zone
from .promises import (
    Pressing,
    awake,
    fired_stages,
    keepers_of,
    latest_promise_of,
    next_clock,
    next_ordinal,
    pressing_for,
    promise_of,
    promised_to_client,
    promises_of,
)
from .records import ClientRecord, Held, client_list, colleagues, held_for, open_invitation, portal_identity, record_of

__all__ = [
    "ClientRecord",
    "Held",
    "Pressing",
    "awake",
    "calendar_for",
    "client_list",
    "clients_of_domain",
    "colleagues",
    "contacts_at",
    "default_calendar",
    "fired_stages",
    "held_for",
    "keepers_of",
    "latest_promise_of",
    "next_clock",
    "next_ordinal",
    "on_call",
    "open_invitation",
    "portal_identity",
    "pressing_for",
    "promise_of",
    "promised_to_client",
    "promises_of",
    "record_of",
    "shop_zone",
]
