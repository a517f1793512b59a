"""What both sides write about a line."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from msp.tenancy.ids import new_id

LONGEST = 4000


class QueryForm(forms.Form):
    """A client says what is wrong."""

    words = forms.CharField(
        label=_("What is wrong or unclear?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """We answer."""

    words = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The client reads it, by mail and in the portal."),
    )
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)


class ConsentForm(forms.Form):
    """The approver's word with a yes or a no."""

    words = forms.CharField(
        label=_("Message"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Optional with a yes. With a no, write what is wrong."),
    )
