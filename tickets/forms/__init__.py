"""What people type at the service desk. One module a subject."""

from __future__ import annotations

from .answers import AnswersForm
from .desk import (
    FIRST_DAY,
    LONGEST_MESSAGE,
    AboutForm,
    AddTimeForm,
    ChangeAboutForm,
    ComposerForm,
    LogForm,
    MinutesField,
    NewTicketForm,
    PortalReplyForm,
    QueueForm,
    QuickTimeForm,
    SavedViewForm,
    TimeForm,
)
from .plans import PauseForm, QuickTaskForm, RecurringForm, TaskForm, TicketTemplateForm
from .replies import SavedReplyForm
from .requests import RequestForm
from .sla import AssignForm, LengthField, PolicyForm, ReasonForm, SupplierForm, UpdateForm
from .weeks import GapForm, SendBackForm
from .words import CategoryForm, CustomFieldForm, LabelForm, ServiceFormForm, TicketSettingsForm, WordForm

__all__ = [
    "FIRST_DAY",
    "LONGEST_MESSAGE",
    "AboutForm",
    "AddTimeForm",
    "AnswersForm",
    "AssignForm",
    "CategoryForm",
    "ChangeAboutForm",
    "ComposerForm",
    "CustomFieldForm",
    "GapForm",
    "LabelForm",
    "LengthField",
    "LogForm",
    "MinutesField",
    "NewTicketForm",
    "PauseForm",
    "PolicyForm",
    "PortalReplyForm",
    "QueueForm",
    "QuickTaskForm",
    "QuickTimeForm",
    "ReasonForm",
    "RecurringForm",
    "RequestForm",
    "SavedReplyForm",
    "SavedViewForm",
    "SendBackForm",
    "ServiceFormForm",
    "SupplierForm",
    "TaskForm",
    "TicketSettingsForm",
    "TicketTemplateForm",
    "TimeForm",
    "UpdateForm",
    "WordForm",
]
