"""Everything the client records keep. One module a subject."""

from __future__ import annotations

from .calendars import Leave, OnCallShift, ServiceCalendar
from .complaints import Complaint
from .names import KnownName
from .promises import Promise, PromiseQuerySet, PromiseStage, Reminder
from .records import Archivable, ArchivableQuerySet, Asset, Client, ClientNote, Contact, Site

__all__ = [
    "Archivable",
    "ArchivableQuerySet",
    "Asset",
    "Client",
    "ClientNote",
    "Complaint",
    "Contact",
    "KnownName",
    "Leave",
    "OnCallShift",
    "Promise",
    "PromiseQuerySet",
    "PromiseStage",
    "Reminder",
    "ServiceCalendar",
    "Site",
]
