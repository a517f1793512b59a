"""What people type about tokens."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from msp.tenancy.ids import new_id

from .choices import ApiScope, Lifetime
from .rules import NEEDS


class TokenForm(forms.Form):
    """A new token. `rights` are the capabilities of whose it is: what they may not do, no token of theirs may."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What it is for, so that you know it again."))
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("It works for"), choices=Lifetime.choices, coerce=int, initial=Lifetime.QUARTER
    )
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, rights: Container[str]) -> None:
        super().__init__(data)
        offered = [(scope.value, scope.label) for scope in ApiScope if NEEDS[scope] in rights]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]
