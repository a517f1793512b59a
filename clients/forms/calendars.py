"""What people type about service calendars."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clients.models import ServiceCalendar
from clients.rules.calendars import DAY_MINUTES, Window
from clients.rules.holidays import OwnDay, Terms, countries_with_holidays, regions_of
from msp.accounts.regions import country_choices, zone_choices

_CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|–|to)\s*{_CLOCK}", re.IGNORECASE)  # noqa: RUF001  people type both dashes
Spans = list[tuple[int, int]]


def clock_text(minute: int) -> str:
    """Minutes after midnight as people write them: 09:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class SpansField(forms.Field):
    """Hours of a weekday: "09:00-12:00, 13:00-17:30". Empty is closed; 24:00 is midnight. Cleans to minutes after midnight."""

    default_error_messages = {"invalid": _("Write hours like 09:00-12:00, 13:00-17:30, or leave it empty for closed.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}), **kwargs)

    def to_python(self, value: Any) -> Spans:
        parts = [part.strip() for part in re.split(r"[,;]", str(value or "")) if part.strip()]
        return [self._span(part) for part in parts]

    def _span(self, part: str) -> tuple[int, int]:
        match = _SPAN.fullmatch(part)
        numbers = [int(number or 0) for number in match.groups()] if match else []
        if not match or numbers[1] > 59 or numbers[3] > 59:
            raise forms.ValidationError(self.error_messages["invalid"])
        opens, closes = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
        if not 0 <= opens < closes <= DAY_MINUTES:
            raise forms.ValidationError(self.error_messages["invalid"])
        return opens, closes

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return ", ".join(f"{clock_text(opens)}-{clock_text(closes)}" for opens, closes in value)
        return value


class CalendarForm(forms.ModelForm[ServiceCalendar]):
    """A calendar: name, zone, hours by weekday, whose public holidays."""

    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    country = forms.ChoiceField(label=_("Public holidays of"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)

    class Meta:
        model = ServiceCalendar
        fields = ["name", "zone", "country", "region"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = countries_with_holidays()
        countries = [("", _("None")), *(pair for pair in country_choices() if pair[0] in known)]
        self.fields["country"].choices = countries  # type: ignore[attr-defined]
        country = str(self["country"].value() or "")
        self.fields["region"].choices = [("", _("All of it")), *regions_of(country)]  # type: ignore[attr-defined]
        for weekday, name in WEEKDAYS.items():
            spans = [(w[1], w[2]) for w in self.instance.windows if w[0] == weekday]
            self.fields[f"day_{weekday}"] = SpansField(label=name, initial=spans)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        twin = ServiceCalendar.objects.filter(name=name, archived_at=None).exclude(pk=self.instance.pk)
        if twin.exists():
            raise forms.ValidationError(_("There is a calendar of that name already."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.windows:
            raise forms.ValidationError(_("A calendar is open at some time of the week."))
        return cleaned

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{weekday}"] for weekday in WEEKDAYS]

    @property
    def windows(self) -> tuple[Window, ...]:
        """The hours that could be read."""
        spans = ((weekday, self.cleaned_data.get(f"day_{weekday}") or []) for weekday in WEEKDAYS)
        return tuple(Window(weekday, *span) for weekday, found in spans for span in found)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {"windows": self.windows}

    @property
    def terms(self) -> Terms:
        """What the calendar would be, as far as it can be read."""
        given = {name: str(self.cleaned_data.get(name) or "") for name in ("zone", "country", "region")}
        return Terms(**given, windows=self.windows, days=self.instance.own_days)

    def _post_clean(self) -> None:
        """The action checks and writes: the instance stays as it is."""


class OwnDayForm(forms.Form):
    """A day of the shop's own."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    name = forms.CharField(label=_("Why"), max_length=80)
    works = forms.ChoiceField(
        label=_("That day the shop is"),
        choices=[("", _("closed")), ("yes", _("open as usual, although it is a public holiday"))],
        required=False,
    )

    @property
    def own(self) -> OwnDay:
        return OwnDay(self.cleaned_data["day"], self.cleaned_data["name"], self.cleaned_data["works"] == "yes")
