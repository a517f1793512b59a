"""Answers to the custom fields of a category."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.choices import FieldKind, Needed
from tickets.models import CustomField
from tickets.rules.kinds import Kept, is_answered, kept_answer

LONGEST_ANSWER = 500
PREFIX = "f-"


def control_of(field: CustomField, *, required: bool) -> forms.Field:
    """The form field that asks for a custom field."""
    given: dict[str, Any] = {"label": field.name, "required": required}
    match field.kind:
        case FieldKind.NUMBER:
            return forms.DecimalField(max_digits=16, decimal_places=4, **given)
        case FieldKind.DATE:
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)
        case FieldKind.CHECKBOX:
            return forms.BooleanField(**given)
        case FieldKind.CHOICE:
            return forms.ChoiceField(choices=[("", "…"), *((each, each) for each in field.options)], **given)
        case _:
            return forms.CharField(max_length=LONGEST_ANSWER, **given)


class AnswersForm(forms.Form):
    """One control a field. An answer that is not among today's choices stays until somebody chooses anew."""

    def __init__(
        self, *args: Any, asked: Sequence[CustomField], answers: dict[str, Any], opening: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for each in asked:
            kept = answers.get(str(each.pk), "")
            control = control_of(each, required=opening and each.needed == Needed.OPEN)
            if isinstance(control, forms.ChoiceField) and is_answered(kept) and kept not in each.options:
                control.choices = [*control.choices, (kept, _("%(answer)s (no longer offered)") % {"answer": kept})]  # type: ignore[misc]
            control.initial = date.fromisoformat(kept) if each.kind == FieldKind.DATE and kept else kept
            self.fields[f"{PREFIX}{each.pk}"] = control

    @property
    def answers(self) -> dict[str, Kept]:
        return {str(each.pk): kept_answer(self.cleaned_data[f"{PREFIX}{each.pk}"]) for each in self.asked}
