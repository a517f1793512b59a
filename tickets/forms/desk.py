"""What people type about tickets and time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Asset, Client, Contact, Site
from msp.accounts.models import Membership
from msp.tenancy.ids import id_from, new_id
from tickets.choices import Priority, QueueView, Status, WorkType
from tickets.models import Ticket, TimeEntry
from tickets.rules import LONGEST_ENTRY, Along
from tickets.rules.leaks import Leak

from .files import FilesField
from .sla import moment_field

_CLOCKWISE = re.compile(r"(?:(\d{1,2})\s*(?::|h)\s*)?(\d{1,4})?\s*(?:m|min)?", re.IGNORECASE)
LONGEST_MESSAGE = 50_000
LONGEST_QUERY = 500
AGES = [
    (1, _("More than a day ago")),
    (3, _("More than 3 days ago")),
    (7, _("More than a week ago")),
    (30, _("More than a month ago")),
]
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)  # far enough from the ends of time to reckon with


class MinutesField(forms.Field):
    """Worked time as people write it: 90, 1:30, 1h30 or 45 min. Cleans to whole minutes, or None when left empty."""

    default_error_messages = {"invalid": _("Write minutes, like 45 or 1:30, between 1 minute and 24 hours.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Minutes"))
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        match = _CLOCKWISE.fullmatch(text)
        minutes = int(match[1] or 0) * 60 + int(match[2] or 0) if match and any(match.groups()) else 0
        if not 1 <= minutes <= LONGEST_ENTRY:
            raise forms.ValidationError(self.error_messages["invalid"])
        return minutes


class QueueForm(forms.Form):
    """The filters of the ticket list. What cannot be read is left aside, so that an old link still opens."""

    view = forms.ChoiceField(choices=QueueView.choices, required=False)
    q = forms.CharField(label=_("Search"), max_length=100, required=False)
    client = forms.CharField(label=_("Client"), max_length=160, required=False)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any")), *Status.choices])
    priority = forms.TypedChoiceField(
        label=_("Priority"), required=False, coerce=int, empty_value=None, choices=[("", _("Any")), *Priority.choices]
    )
    assignee = forms.UUIDField(label=_("Assigned to"), required=False)
    category = forms.UUIDField(label=_("Category"), required=False)
    label = forms.UUIDField(label=_("Label"), required=False)
    older = forms.TypedChoiceField(
        label=_("Opened"), required=False, coerce=int, empty_value=None, choices=[("", _("Any time")), *AGES]
    )
    late = forms.BooleanField(label=_("Past its deadline"), required=False)

    @classmethod
    def kept(cls, query: str) -> str:
        """A query string with the filters alone: no page, no poll, nothing unknown."""
        given = QueryDict(query)
        return urlencode({name: given[name] for name in cls.base_fields if given.get(name)})[:LONGEST_QUERY]


class SavedViewForm(forms.Form):
    """The name of the filters one looks through."""

    name = forms.CharField(label=_("Name"), max_length=60)
    everybody = forms.BooleanField(label=_("For everybody"), required=False)
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


class AboutForm(forms.ModelForm[Ticket]):
    """Whose ticket it is, where, and about what: people, places and things of one client."""

    class Meta:
        model = Ticket
        fields = ["contact", "site", "asset"]
        labels = {"contact": _("Contact"), "site": _("Site"), "asset": _("Equipment")}

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("contact", Contact), ("site", Site), ("asset", Asset)):
            rows: QuerySet[Any] = model.objects.living().filter(client=client).order_by("name")
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class ChangeAboutForm(AboutForm):
    more: forms.ModelMultipleChoiceField[Asset] = forms.ModelMultipleChoiceField(
        label=_("More equipment"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, client=client, **kwargs)
        self.fields["more"].queryset = Asset.objects.living().filter(client=client).order_by("name")  # type: ignore[attr-defined]


class NewTicketForm(AboutForm):
    body = forms.CharField(
        label=_("What is wrong"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("In the client's words. They can read this in the portal."),
    )
    uploads = FilesField()
    assignee = forms.ChoiceField(label=_("Assigned to"), required=False)
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    class Meta(AboutForm.Meta):
        fields = ["subject", "contact", "site", "asset", "priority"]

    category = forms.ChoiceField(label=_("Category"), required=False)

    field_order = ["subject", "body", "uploads", "contact", "site", "asset", "priority", "assignee", "category"]

    def __init__(
        self, *args: Any, people: Sequence[Membership], categories: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if len(categories) > 1:
            self.fields["category"].choices = categories  # type: ignore[attr-defined]
        else:
            del self.fields["category"]
        choices = [("", _("Nobody yet")), *((str(person.pk), person.name) for person in people)]
        self.fields["assignee"].choices = choices  # type: ignore[attr-defined]


class ComposerForm(forms.Form):
    """A reply or a note with what goes along. Two boxes: words of a note never travel into a reply."""

    mode = forms.ChoiceField(choices=[("reply", _("Reply to client")), ("note", _("Internal note"))])
    body = forms.CharField(label=_("Message to the client"), max_length=LONGEST_MESSAGE, required=False)
    note = forms.CharField(label=_("Note for the team"), max_length=LONGEST_MESSAGE, required=False)
    to = forms.UUIDField(required=False)
    cc = forms.MultipleChoiceField(required=False)
    minutes = MinutesField(required=False)
    work_note = forms.CharField(label=_("What you did"), max_length=500, required=False)
    status = forms.ChoiceField(required=False, choices=[("", ""), *Status.choices])
    next_update = moment_field(_("Next update by"), required=False)
    although = forms.CharField(label=_("Why it must go out like this"), max_length=300, required=False)
    form_key = forms.UUIDField(initial=new_id, widget=forms.HiddenInput)
    uploads = FilesField()
    anyway = forms.BooleanField(required=False)  # solve although tasks are open
    leaks: Sequence[Leak] = ()  # what stopped it: the page shows them

    def __init__(self, *args: Any, people: Sequence[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now_held: list[UUID] = []  # files that came with this very form
        self.people = {str(person.pk): person for person in people}
        self.fields["cc"].choices = [(pk, person.name) for pk, person in self.people.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        box = "note" if cleaned.get("mode") == "note" else "body"
        if not cleaned.get(box) and box not in self.errors:
            self.add_error(box, _("Write something first."))
        if box == "body" and (at := cleaned.get("next_update")) and at <= timezone.now():
            self.add_error("next_update", _("Promise a time that is still to come."))
        return cleaned

    @property
    def recipient(self) -> Contact | None:
        """Whom the button named."""
        return self.people.get(str(self.cleaned_data["to"]))

    @property
    def copied(self) -> list[Contact]:
        return [self.people[pk] for pk in self.cleaned_data["cc"]]

    @property
    def ticked(self) -> list[Contact]:
        """Who has a tick under "Copy to": at first whoever got the last reply."""
        return [person for pk, person in self.people.items() if pk in (self["cc"].value() or [])]

    @property
    def along(self) -> Along:
        data = self.cleaned_data
        return Along(
            data["minutes"],
            data["work_note"],
            data["status"],
            data["form_key"],
            data["although"],
            self.held,
            anyway=data["anyway"],
            next_update_at=data["next_update"] if data["mode"] == "reply" else None,
        )

    @property
    def held(self) -> list[UUID]:
        """The files that the composer showed as waiting to go along."""
        asked = self.data.getlist("held") if isinstance(self.data, QueryDict) else []
        return [*filter(None, map(id_from, asked)), *self.now_held]


class TimeForm(forms.ModelForm[TimeEntry]):
    """A time entry: when it began, how long it took, what was done."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    start = forms.TimeField(label=_("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = MinutesField()
    work_type = forms.ChoiceField(label=_("Work type"), choices=WorkType.choices)

    class Meta:
        model = TimeEntry
        fields = ["day", "start", "minutes", "note", "work_type", "is_billable"]
        help_texts = {"note": _("The client may read this on the invoice.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.started_at:
            local = timezone.localtime(self.instance.started_at)
            self.initial["day"], self.initial["start"] = local.date(), local.time()

    @property
    def values(self) -> dict[str, Any]:
        """The entry's columns, the start put together in the page's zone."""
        data = dict(self.cleaned_data)
        started_at = timezone.make_aware(datetime.combine(data.pop("day"), data.pop("start")))
        return data | {"started_at": started_at}

    def _post_clean(self) -> None:
        """The action checks and writes: the instance stays as it is."""


class AddTimeForm(TimeForm):
    """Time on a ticket named by its number."""

    ticket = forms.CharField(label=_("Ticket"), max_length=12, widget=forms.TextInput(attrs={"list": "my-tickets"}))
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    field_order = ["ticket", "day", "start", "minutes", "note", "work_type", "is_billable"]

    def clean_ticket(self) -> Ticket:
        number = self.cleaned_data["ticket"].strip().lstrip("#")
        found = Ticket.objects.filter(number=int(number)).first() if number.isdecimal() and len(number) < 10 else None
        if found is None:
            raise forms.ValidationError(_("There is no ticket with this number."))
        return found


class QuickTimeForm(forms.Form):
    """Minutes that end now."""

    minutes = MinutesField()
    note = forms.CharField(label=_("What you did"), max_length=500, required=False)


class LogForm(QuickTimeForm):
    """Minutes on a ticket, logged once however often the form is sent."""

    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)


class PortalReplyForm(forms.Form):
    body = forms.CharField(
        label=_("Your message"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 4})
    )
    uploads = FilesField()
    form_key = forms.UUIDField(initial=new_id, widget=forms.HiddenInput)
