"""What a person types to make a ticket of a mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from tickets.access import client_asked_for
from tickets.models import Ticket
from tickets.queries.incoming import who_asked

from .desk import LONGEST_MESSAGE


class ClientField(forms.CharField):
    """A client by name or short name, offered while one types."""

    def __init__(self) -> None:
        super().__init__(label=_("Client"), max_length=160)

    def clean(self, value: Any) -> Client:
        found = client_asked_for(super().clean(value))
        if found is None:
            raise forms.ValidationError(_("No client has this name. Choose one of the list."))
        return found


class SortForm(forms.Form):
    """Whose ticket it is that nobody has sorted, and whether to know who asked."""

    client = ClientField()
    know = forms.BooleanField(required=False)

    def __init__(self, *args: Any, ticket: Ticket, may_add: bool, **given: Any) -> None:
        super().__init__(*args, **given)
        name, address = who_asked(ticket)
        who = {"name": f"{name} <{address}>" if name else address}
        self.fields["know"].label = _now("%(name)s is the contact there; add them if they are new") % who
        # A sender whom no machine would believe is believed only when a person says so.
        self.fields["know"].initial = ticket.contact_id is not None
        if not (may_add and address):
            del self.fields["know"]


class MailTicketForm(forms.Form):
    """The ticket that a person makes of a message which no machine could take."""

    client = ClientField()
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("What it says"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 10})
    )
