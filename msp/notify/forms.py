from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .choices import ByMail


class MailForm(forms.Form):
    by_mail = forms.ChoiceField(label=_("News by mail"), choices=ByMail.choices)


class UntilForm(forms.Form):
    """Up to when a person has seen their news."""

    until = forms.DateTimeField()
