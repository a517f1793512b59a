"""What people type about tickets that belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from msp.tenancy.ids import id_from, new_id
from tickets.choices import Doing, Status
from tickets.models import Ticket
from tickets.rules import Along
from tickets.rules.leaks import Leak

from .desk import LONGEST_MESSAGE

MOST_CHILDREN = 200


class PresenceForm(forms.Form):
    doing = forms.ChoiceField(choices=Doing.choices)


class MergeForm(forms.Form):
    """The ticket to merge into, by its number."""

    into = forms.CharField(
        label=_("Into ticket number"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    def clean_into(self) -> Ticket:
        return tickets_numbered(self.cleaned_data["into"])[0]


class ChildrenForm(forms.Form):
    numbers = forms.CharField(
        label=_("Ticket numbers"), max_length=2000, help_text=_("For example 4182, 4190. They may be of any client.")
    )

    def clean_numbers(self) -> list[Ticket]:
        return tickets_numbered(self.cleaned_data["numbers"])


class AnswerChildrenForm(forms.Form):
    """One message for many tickets."""

    body = forms.CharField(
        label=_("Message to every client"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Each contact gets it on their own ticket and learns of no other. Name nobody."),
    )
    status = forms.ChoiceField(label=_("Then"), required=False)
    although = forms.CharField(label=_("Why it must go out like this"), max_length=300, required=False)
    form_key = forms.UUIDField(initial=new_id, widget=forms.HiddenInput)
    leaks: Sequence[Leak] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        onward = [(status.value, status.label) for status in Status if status != Status.NEW]
        self.fields["status"].choices = [("", _("Leave as they are")), *onward]  # type: ignore[attr-defined]

    @property
    def along(self) -> Along:
        data = self.cleaned_data
        return Along(status=data["status"], form_key=data["form_key"], although=data["although"])


class SimilarForm(forms.Form):
    """What is being written down, as far as it is known: who asks for its twins."""

    client = forms.CharField(max_length=160)
    subject = forms.CharField(max_length=200, required=False)
    asset = forms.CharField(required=False)
    contact = forms.CharField(required=False)

    def clean_asset(self) -> UUID | None:
        return id_from(self.cleaned_data["asset"])

    def clean_contact(self) -> UUID | None:
        return id_from(self.cleaned_data["contact"])


def tickets_numbered(text: str) -> list[Ticket]:
    """The tickets of these numbers, in order. Raises ValidationError naming the ones that are not there."""
    numbers = [int(number) for number in re.findall(r"\d{1,9}", text)][:MOST_CHILDREN]
    rows = Ticket.objects.filter(number__in=numbers).select_related("client", "contact")
    found = {ticket.number: ticket for ticket in rows}
    missing = [f"#{number}" for number in numbers if number not in found]
    if missing or not numbers:
        said = _now("There is no ticket %(numbers)s.") % {"numbers": ", ".join(missing)}
        raise forms.ValidationError(said if missing else _now("Write the number of a ticket."))
    return list(dict.fromkeys(found[number] for number in numbers))
