"""What people type about leave and the on-call rota."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Leave, OnCallShift
from msp.accounts.models import Membership

_WEEK = timedelta(days=7)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M"])


class PeopleField(forms.TypedChoiceField):
    """One of these people; cleans to their membership."""

    def __init__(self, *, people: Sequence[Membership], **kwargs: Any) -> None:
        known = {str(person.pk): person for person in people}
        choices = [(pk, person.name) for pk, person in known.items()]
        super().__init__(choices=choices, coerce=known.__getitem__, empty_value=None, **kwargs)


class LeaveForm(forms.ModelForm[Leave]):
    starts_on, ends_on = _day(_("First day")), _day(_("Last day"))

    class Meta:
        model = Leave
        fields = ["kind", "starts_on", "ends_on", "note"]

    field_order = ["member", "kind", "starts_on", "ends_on", "note"]

    def __init__(self, *args: Any, people: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = PeopleField(people=people, label=_("Who"))
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is not before the first."))
        return cleaned

    def _post_clean(self) -> None:
        """The action checks and writes: the instance stays as it is."""


class ShiftForm(forms.Form):
    """One shift, by hand."""

    starts_at, ends_at = _moment(_("From")), _moment(_("Until"))
    field_order = ["member", "starts_at", "ends_at"]

    def __init__(self, *args: Any, people: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = PeopleField(people=people, label=_("Who"))
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", _("A shift ends after it starts."))
        return cleaned


class RotaForm(forms.Form):
    """Many shifts: a week each, in turn."""

    first_day = _day(_("First handover"))
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), initial=time(9))
    weeks = forms.IntegerField(label=_("Weeks"), min_value=1, max_value=52, initial=8)
    field_order = ["members", "begins", "first_day", "at", "weeks"]

    def __init__(self, *args: Any, people: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(people)
        choices = [(str(person.pk), person.name) for person in people]
        boxes = forms.CheckboxSelectMultiple
        self.fields["members"] = forms.MultipleChoiceField(label=_("Who takes turns"), choices=choices, widget=boxes)
        self.fields["begins"] = PeopleField(people=people, label=_("Who begins"), required=False)
        self.fields["begins"].choices = [("", _("The first of them by name")), *choices]  # type: ignore[attr-defined]
        self.order_fields(self.field_order)

    @property
    def members(self) -> list[Membership]:
        """By name, beginning with who was asked to begin."""
        chosen = [person for person in self.people if str(person.pk) in self.cleaned_data["members"]]
        begins = self.cleaned_data["begins"]
        turn = chosen.index(begins) if begins in chosen else 0
        return chosen[turn:] + chosen[:turn]

    @property
    def handovers(self) -> list[datetime]:
        """The same time of day in each week, also when the clocks change."""
        first, at = self.cleaned_data["first_day"], self.cleaned_data["at"]
        days = (first + week * _WEEK for week in range(self.cleaned_data["weeks"] + 1))
        return [timezone.make_aware(datetime.combine(day, at)) for day in days]


class OfferForm(forms.Form):
    """Ask a colleague to take a shift over, perhaps for one of theirs."""

    field_order = ["to", "in_return"]

    def __init__(self, *args: Any, people: Sequence[Membership], shifts: Sequence[OnCallShift], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {str(shift.pk): shift for shift in shifts}
        choices = [
            ("", _("Nothing in return")),
            *((pk, f"{s.member.name}, {timezone.localtime(s.starts_at):%d %b %H:%M}") for pk, s in known.items()),
        ]
        self.fields["to"] = PeopleField(people=people, label=_("Ask"))
        self.fields["in_return"] = forms.TypedChoiceField(
            label=_("For their shift"), choices=choices, coerce=known.__getitem__, empty_value=None, required=False
        )
