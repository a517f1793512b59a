"""What people type about clients. One module a subject."""

from __future__ import annotations

from .calendars import CalendarForm, OwnDayForm
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
from .rota import LeaveForm, OfferForm, RotaForm, ShiftForm

__all__ = [
    "PORTAL_RIGHTS",
    "AssetForm",
    "CalendarForm",
    "ClientForm",
    "ColleagueForm",
    "ContactForm",
    "LeaveForm",
    "NoteForm",
    "OfferForm",
    "OwnDayForm",
    "PortalRightsForm",
    "RotaForm",
    "ShiftForm",
    "SiteForm",
]
