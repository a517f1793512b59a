"""What people type at the service desk. One module a subject."""

from __future__ import annotations

from .desk import (
    LONGEST_MESSAGE,
    AboutForm,
    AddTimeForm,
    ComposerForm,
    LogForm,
    MinutesField,
    NewTicketForm,
    PortalReplyForm,
    QueueForm,
    QuickTimeForm,
    RequestForm,
    TimeForm,
)

__all__ = [
    "LONGEST_MESSAGE",
    "AboutForm",
    "AddTimeForm",
    "ComposerForm",
    "LogForm",
    "MinutesField",
    "NewTicketForm",
    "PortalReplyForm",
    "QueueForm",
    "QuickTimeForm",
    "RequestForm",
    "TimeForm",
]
