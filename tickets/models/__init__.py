"""Everything the service desk keeps. One module a subject."""

from __future__ import annotations

from .attachments import Attachment, AttachmentQuerySet
from .conversation import Message, MessageQuerySet, Recipient
from .tickets import Ticket, TicketQuerySet, TicketSettings
from .time import TimeEntry, TimeEntryQuerySet, Timer
from .together import ChildTicket, Merge, Presence

__all__ = [
    "Attachment",
    "AttachmentQuerySet",
    "ChildTicket",
    "Merge",
    "Message",
    "MessageQuerySet",
    "Presence",
    "Recipient",
    "Ticket",
    "TicketQuerySet",
    "TicketSettings",
    "TimeEntry",
    "TimeEntryQuerySet",
    "Timer",
]
