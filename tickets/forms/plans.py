"""What people type about tasks, templates and recurring tickets."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Asset, Client, Contact, Site
from msp.accounts.models import Membership
from tickets.choices import Every
from tickets.models import Category, RecurringTicket, Task, TicketTemplate
from tickets.queries.plans import templates
from tickets.rules.recurrence import DAYS, parts_of, rule_of

from .words import WordForm

WEEKDAYS = list(
    zip(
        DAYS,
        (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),
        strict=True,
    )
)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TaskForm(forms.ModelForm[Task]):
    class Meta:
        model = Task
        fields = ["title", "owner", "due_on"]
        widgets = {"due_on": DayInput}

    def __init__(self, *args: Any, people: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The action checks and writes."""


class QuickTaskForm(forms.Form):
    title = forms.CharField(max_length=200)


class TicketTemplateForm(WordForm[TicketTemplate]):
    class Meta:
        model = TicketTemplate
        fields = ["name", "subject", "body", "category", "priority", "tasks"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.living().order_by("position", "name")  # type: ignore[attr-defined]


class RecurringForm(forms.ModelForm[RecurringTicket]):
    """Which ticket, for whom, and when it comes again: in the client's own time."""

    every = forms.ChoiceField(label=_("Every"), choices=Every.choices, initial=Every.MONTHLY)
    interval = forms.IntegerField(
        label=_("How many of them apart"), min_value=1, max_value=60, initial=1, help_text=_("2 means every other one.")
    )
    weekdays = forms.MultipleChoiceField(
        label=_("On these days of the week"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = RecurringTicket
        fields = ["template", "contact", "site", "asset", "assignee", "starts_on", "opens_at", "ends_on"]
        labels = {"contact": _("Contact"), "site": _("Site"), "asset": _("Equipment"), "assignee": _("Assigned to")}
        widgets = {"starts_on": DayInput, "ends_on": DayInput, "opens_at": forms.TimeInput({"type": "time"}, "%H:%M")}

    field_order = [
        "template", "contact", "site", "asset", "assignee", "every", "interval", "weekdays", "starts_on", "opens_at", "ends_on",
    ]  # fmt: skip

    def __init__(self, *args: Any, client: Client, people: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("contact", Contact), ("site", Site), ("asset", Asset)):
            rows: QuerySet[Any] = model.objects.living().filter(client=client).order_by("name")
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["template"].queryset = templates()  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]
        self.initial.setdefault("starts_on", timezone.localdate())
        self.initial.setdefault("opens_at", time(8))
        if self.instance.rule:
            parts = parts_of(self.instance.rule)
            days = parts.get("BYDAY", "")
            self.initial["every"], self.initial["interval"] = parts["FREQ"].lower(), int(parts["INTERVAL"])
            self.initial["weekdays"] = days.split(",") if days else []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day comes before the first."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        how = data.pop("every"), data.pop("interval"), data.pop("weekdays")
        return data | {"rule": rule_of(*how, data["starts_on"])}

    def _post_clean(self) -> None:
        """The action checks and writes."""


class PauseForm(forms.Form):
    until = forms.DateField(label=_("Paused until"), required=False, widget=DayInput)
