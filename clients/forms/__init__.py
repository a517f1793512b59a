"""What people type about clients. One module a subject."""

from __future__ import annotations

from .records import (
    PORTAL_RIGHTS,
    AssetForm,
    ClientForm,
    ColleagueForm,
    ContactForm,
    NoteForm,
    PortalRightsForm,
    SiteForm,
)

__all__ = [
    "PORTAL_RIGHTS",
    "AssetForm",
    "ClientForm",
    "ColleagueForm",
    "ContactForm",
    "NoteForm",
    "PortalRightsForm",
    "SiteForm",
]
