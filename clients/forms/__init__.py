"""What people type about clients. One module a subject."""

from __future__ import annotations

from .calendars import CalendarForm, OwnDayForm
from .promises import CallbackForm, MoveForm, OwnerForm, PromiseFilterForm, ReasonForm
from .records import (
    PORTAL_RIGHTS,
    AssetForm,
    ClientForm,
    ColleagueForm,
    ContactForm,
    NoteForm,
    PassOnForm,
    PortalRightsForm,
    SiteForm,
)
from .rota import LeaveForm, OfferForm, RotaForm, ShiftForm

__all__ = [
    "PORTAL_RIGHTS",
    "AssetForm",
    "CalendarForm",
    "CallbackForm",
    "ClientForm",
    "ColleagueForm",
    "ContactForm",
    "LeaveForm",
    "MoveForm",
    "NoteForm",
    "OfferForm",
    "OwnDayForm",
    "OwnerForm",
    "PassOnForm",
    "PortalRightsForm",
    "PromiseFilterForm",
    "ReasonForm",
    "RotaForm",
    "ShiftForm",
    "SiteForm",
]
