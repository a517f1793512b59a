"""What a person types to make a ticket of a mail."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from tickets.access import client_asked_for

from .desk import LONGEST_MESSAGE


class MailTicketForm(forms.Form):
    """The ticket that a person makes of a message which no machine could take."""

    client = forms.CharField(label=_("Client"), max_length=160)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("What it says"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 10})
    )

    def clean_client(self) -> Client:
        found = client_asked_for(self.cleaned_data["client"])
        if found is None:
            raise forms.ValidationError(_("No client has this name. Choose one of the list."))
        return found
