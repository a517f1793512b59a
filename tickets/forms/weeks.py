"""What people send about days and weeks of time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket

from .desk import MinutesField


class GapForm(forms.Form):
    """A gap of one's day and the ticket it goes to: all hidden, one press."""

    ticket = forms.IntegerField(min_value=1, max_value=10**9)
    day = forms.DateField()
    start = forms.TimeField()
    minutes = MinutesField()

    def clean_ticket(self) -> Ticket:
        found = Ticket.objects.filter(number=self.cleaned_data["ticket"]).first()
        if found is None:
            raise forms.ValidationError(_("There is no ticket with this number."))
        return found

    @property
    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        started_at = timezone.make_aware(datetime.combine(data.pop("day"), data.pop("start")))
        return data | {"started_at": started_at}


class SendBackForm(forms.Form):
    because = forms.CharField(label=_("What is missing"), max_length=300)
