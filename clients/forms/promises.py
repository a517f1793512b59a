"""What people type about promises."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.choices import PromiseView
from clients.models import Client, Contact
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from msp.tenancy.ids import id_from

PERIODS = ((30, _("30 days")), (90, _("90 days")), (365, _("a year")))


class MomentField(forms.DateTimeField):
    """A day and a time in the page's zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class PromiseFilterForm(forms.Form):
    """The filters of the list. What cannot be read is left aside, so that an old link still opens."""

    state = forms.ChoiceField(choices=PromiseView.choices, required=False)
    client = forms.SlugField(required=False)
    person = forms.CharField(max_length=40, required=False)
    kind = forms.CharField(max_length=40, required=False)
    days = forms.TypedChoiceField(coerce=int, empty_value=None, choices=PERIODS, required=False)

    def clean_person(self) -> str:
        asked = str(self.cleaned_data["person"])
        if asked in ("", "nobody"):
            return asked
        return str(id_from(asked) or "")


class MoveForm(forms.Form):
    promised_at = MomentField(label=_("New time"))
    because = forms.CharField(label=_("Why"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class ReasonForm(forms.Form):
    because = forms.CharField(label=_("Why"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class OwnerForm(forms.Form):
    """Who keeps the promise: somebody who works here, or nobody."""

    owner: forms.ModelChoiceField[Membership] = forms.ModelChoiceField(
        None, label=_("Who keeps it"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = staff()  # type: ignore[attr-defined]


class CallbackForm(OwnerForm):
    """A promise that a person makes."""

    words = forms.CharField(
        label=_("What you promise"), max_length=200, help_text=_("The client reads it in the portal.")
    )
    promised_at = MomentField(label=_("By when"))
    contact: forms.ModelChoiceField[Contact] = forms.ModelChoiceField(None, label=_("To whom"), required=False)
    field_order = ("words", "promised_at", "contact", "owner")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Contact.objects.living().filter(client=client).order_by("-decides", "name")
        self.fields["contact"].queryset = people  # type: ignore[attr-defined]
