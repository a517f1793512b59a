"""Every change to clients and what belongs to them. One module a subject."""

from __future__ import annotations

from .records import (
    EDITABLE,
    NoAddress,
    R,
    StillNeeded,
    add_asset,
    add_contact,
    add_note,
    add_site,
    archive,
    archive_note,
    ask_colleague_in,
    change,
    change_note,
    create_client,
    create_unsorted_client,
    end_portal_access,
    invite_contact,
    link_contact,
    pin_note,
    restore,
)

__all__ = [
    "EDITABLE",
    "NoAddress",
    "R",
    "StillNeeded",
    "add_asset",
    "add_contact",
    "add_note",
    "add_site",
    "archive",
    "archive_note",
    "ask_colleague_in",
    "change",
    "change_note",
    "create_client",
    "create_unsorted_client",
    "end_portal_access",
    "invite_contact",
    "link_contact",
    "pin_note",
    "restore",
]
