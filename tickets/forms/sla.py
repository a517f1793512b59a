"""What people type about service levels and clocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Site
from tickets.actions.sla import Targets
from tickets.choices import ClockKind, Priority
from tickets.models import SlaPolicy, SupplierWait
from tickets.models.sla import LONGEST_TARGET

_LENGTH = re.compile(r"(?:(\d{1,5})\s*(?:h|:))?\s*(\d{1,6})?\s*(?:m|min)?", re.IGNORECASE)


def length_text(minutes: int) -> str:
    """Minutes as they are typed: 30 min, 8 h, 1:30."""
    if minutes % 60 == 0:
        return f"{minutes // 60} h"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}"


class LengthField(forms.Field):
    """A length of time: 30 min, 8 h, 1:30. A bare number is minutes. Cleans to minutes, or None when left empty."""

    default_error_messages = {"invalid": _("Write a time like 30 min, 4 h or 1:30.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "size": "8"}), **kwargs)

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        match = _LENGTH.fullmatch(text)
        minutes = int(match[1] or 0) * 60 + int(match[2] or 0) if match else 0
        if not 1 <= minutes <= LONGEST_TARGET:
            raise forms.ValidationError(self.error_messages["invalid"])
        return minutes

    def prepare_value(self, value: Any) -> Any:
        return length_text(value) if isinstance(value, int) else value


class PolicyForm(forms.Form):
    """A policy: its name, and for each priority how soon."""

    name = forms.CharField(label=_("Name"), max_length=80)
    supplier_pauses = forms.BooleanField(
        label=_("While we wait for a supplier, the time to solve stands still"), required=False
    )

    def __init__(self, *args: Any, policy: SlaPolicy | None, targets: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        if policy is not None:
            self.initial["name"], self.initial["supplier_pauses"] = policy.name, policy.supplier_pauses
        known = {row.priority: row for row in targets}
        for priority in Priority:
            row = known.get(priority)
            for kind in ClockKind:
                initial = getattr(row, kind, None)
                self.fields[f"{kind}_{priority.value}"] = LengthField(label=kind.label, initial=initial)
            always = forms.BooleanField(
                label=_("Around the clock"), required=False, initial=getattr(row, "always", False)
            )
            self.fields[f"always_{priority.value}"] = always

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        twin = SlaPolicy.objects.filter(name=name, archived_at=None).first()
        if twin is not None and (self.policy is None or twin.pk != self.policy.pk):
            raise forms.ValidationError(_("There is a service level of that name already."))
        return name

    @property
    def rows(self) -> list[tuple[Priority, list[forms.BoundField], forms.BoundField]]:
        """Each priority with its fields."""
        return [
            (priority, [self[f"{kind}_{priority.value}"] for kind in ClockKind], self[f"always_{priority.value}"])
            for priority in Priority
        ]

    @property
    def targets(self) -> list[Targets]:
        return [self._targets(priority.value) for priority in Priority]

    def _targets(self, priority: int) -> Targets:
        first, following, solved = (self.cleaned_data[f"{kind}_{priority}"] for kind in ClockKind)
        return Targets(priority, first, following, solved, self.cleaned_data[f"always_{priority}"])


class AssignForm(forms.Form):
    """Whom a policy holds for: a client by name, or one of its sites."""

    client = forms.CharField(label=_("Client"), max_length=160)
    site = forms.CharField(label=_("Site"), max_length=120, required=False, help_text=_("Empty: all of the client's."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name, site = cleaned.get("client"), cleaned.get("site")
        if not name:
            return cleaned
        found: Client | None = Client.objects.living().filter(name__iexact=name).first()
        cleaned["client"] = found
        if found is None:
            self.add_error("client", _("There is no client of that name."))
        elif site:
            cleaned["site"] = Site.objects.living().filter(client=found, name__iexact=site).first()
            if cleaned["site"] is None:
                self.add_error("site", _("This client has no site of that name."))
        return cleaned


def moment_field(label: Any, **kwargs: Any) -> forms.DateTimeField:
    """A day and a time of day in the page's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M"], **kwargs)


class UpdateForm(forms.Form):
    """When the client hears from us next, and, if it was promised before, why it is another time."""

    at = moment_field(_("We write by"))
    because = forms.CharField(label=_("Why it is another time"), max_length=200, required=False)


class ReasonForm(forms.Form):
    because = forms.CharField(label=_("Why"), max_length=400)


class SupplierForm(forms.ModelForm[SupplierWait]):
    promised_at = moment_field(_("They promised it for"), required=False)

    class Meta:
        model = SupplierWait
        fields = ["supplier", "reference", "promised_at"]

    def _post_clean(self) -> None:
        """The action checks and writes: the instance stays as it is."""
