"""A private word to the owner, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from msp.accounts.models import Membership
from msp.tenancy.ids import new_id


class ComplaintForm(forms.Form):
    about = forms.ChoiceField(label=_("Who is it about"), required=False)
    words = forms.CharField(
        label=_("What happened"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"})
    )
    form_key = forms.UUIDField(initial=new_id, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        names = [(pk, person.name) for pk, person in self.people.items()]
        self.fields["about"].choices = [("", _("Nobody in particular")), *names]  # type: ignore[attr-defined]

    def clean_about(self) -> Membership | None:
        return self.people.get(self.cleaned_data["about"])


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("Your answer"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}))
