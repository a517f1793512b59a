"""What people say after a ticket was solved."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from msp.tenancy.ids import new_id
from tickets.choices import Face

from .desk import LONGEST_MESSAGE


class RatingForm(forms.Form):
    """Three faces and a few words."""

    face = forms.TypedChoiceField(
        label=_("How was our work?"), coerce=int, choices=Face.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class StillWrongForm(forms.Form):
    body = forms.CharField(
        label=_("What is still wrong?"),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A few words help, but you may leave it empty."),
    )
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)


class AnswerRatingForm(forms.Form):
    did = forms.CharField(label=_("What you did about it"), max_length=300)
