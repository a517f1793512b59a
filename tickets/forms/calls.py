"""What is typed while somebody is on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from msp.tenancy.ids import new_id
from tickets.models import Ticket

SALT = "tickets.call"
LONGEST_CALL = 4 * 3600  # seconds; a form that stood open longer was forgotten


class WhoCallsForm(forms.Form):
    q = forms.CharField(max_length=100, required=False)


class CallForm(forms.Form):
    """One field and Enter. What the call is about may be open already."""

    words = forms.CharField(label=_("What they say"), max_length=2000)
    ticket = forms.ChoiceField(label=_("About"), required=False, widget=forms.RadioSelect)
    is_emergency = forms.BooleanField(label=_("On the emergency line: urgent, and page who is on call"), required=False)
    number = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    started = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    form_key = forms.UUIDField(initial=new_id, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tickets: Sequence[Ticket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tickets = {str(ticket.number): ticket for ticket in tickets}
        known = [(number, str(ticket)) for number, ticket in self.tickets.items()]
        self.fields["ticket"].choices = [("", _("Something new")), *known]  # type: ignore[attr-defined]

    def clean_ticket(self) -> Ticket | None:
        return self.tickets.get(self.cleaned_data["ticket"])

    def started_at(self, now: datetime) -> datetime:
        """When the form was opened, as the server signed it; now, if nobody can tell."""
        try:
            kept = signing.loads(self.cleaned_data["started"], salt=SALT, max_age=LONGEST_CALL)
            return datetime.fromisoformat(kept)
        except (signing.BadSignature, ValueError):
            return now


def signed_now(now: datetime) -> str:
    """The moment a call form was opened, so that nobody can type another."""
    return signing.dumps(now.isoformat(), salt=SALT)
