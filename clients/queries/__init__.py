"""Questions about clients that take more than one row. One module a subject."""

from __future__ import annotations

from .records import ClientRecord, Held, client_list, colleagues, held_for, open_invitation, portal_identity, record_of

__all__ = [
    "ClientRecord",
    "Held",
    "client_list",
    "colleagues",
    "held_for",
    "open_invitation",
    "portal_identity",
    "record_of",
]
