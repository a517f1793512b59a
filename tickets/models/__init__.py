"""Everything the service desk keeps. One module a subject."""

from __future__ import annotations

from .aftermath import Rating, SolvedLink
from .around import LinkedAsset, Watcher
from .attachments import Attachment, AttachmentQuerySet
from .calls import Call
from .care import Boost, KeptApart
from .catalogue import Category, CustomField, Label
from .conversation import Message, MessageQuerySet, Recipient
from .plans import RecurringTicket, Task, TicketTemplate
from .replies import SavedReply
from .requests import ServiceForm
from .sla import SlaAssignment, SlaClock, SlaPolicy, SlaTarget, SupplierWait
from .tickets import Ticket, TicketLabel, TicketQuerySet, TicketSettings
from .time import TimeEntry, TimeEntryQuerySet, Timer
from .together import ChildTicket, Merge, Presence
from .views import SavedView
from .weeks import TimeWeek, TimeWeekQuerySet

__all__ = [
    "Attachment",
    "AttachmentQuerySet",
    "Boost",
    "Call",
    "Category",
    "ChildTicket",
    "CustomField",
    "KeptApart",
    "Label",
    "LinkedAsset",
    "Merge",
    "Message",
    "MessageQuerySet",
    "Presence",
    "Rating",
    "Recipient",
    "RecurringTicket",
    "SavedReply",
    "SavedView",
    "ServiceForm",
    "SlaAssignment",
    "SlaClock",
    "SlaPolicy",
    "SlaTarget",
    "SolvedLink",
    "SupplierWait",
    "Task",
    "Ticket",
    "TicketLabel",
    "TicketQuerySet",
    "TicketSettings",
    "TicketTemplate",
    "TimeEntry",
    "TimeEntryQuerySet",
    "TimeWeek",
    "TimeWeekQuerySet",
    "Timer",
    "Watcher",
]
