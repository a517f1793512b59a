"""What people type when they do not get on alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from msp.accounts.models import Membership
from msp.tenancy.ids import new_id
from tickets.choices import Priority
from tickets.models import Ticket
from tickets.rules import Along
from tickets.rules.care import LONGEST_BOOST
from tickets.rules.leaks import Leak

from .desk import LONGEST_MESSAGE


class Told(forms.Form):
    """A message to the client that goes along, with its key and the leak guard's reason."""

    body = forms.CharField(
        label=_("Message to the client"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 4})
    )
    although = forms.CharField(label=_("Why it must go out like this"), max_length=300, required=False)
    form_key = forms.UUIDField(initial=new_id, widget=forms.HiddenInput)
    leaks: Sequence[Leak] = ()

    @property
    def along(self) -> Along:
        return Along(form_key=self.cleaned_data["form_key"], although=self.cleaned_data["although"])


class TimeToThinkForm(Told):
    back_by = forms.DateTimeField(
        label=_("You hear from us by"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    field_order = ["back_by", "body"]

    def __init__(self, data: Any = None, *, ticket: Ticket, now: datetime) -> None:
        name = ticket.contact.name.split()[0] if ticket.contact else ""
        said = _now(
            "Hello %(name)s,\n\nI have not found the cause yet and am looking into it further. I will tell you more by then."
        )
        back_by = timezone.localtime(now + timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
        start = {"body": said % {"name": name}, "back_by": back_by}
        super().__init__(data, initial=start)

    @property
    def along(self) -> Along:
        data = self.cleaned_data
        return Along(form_key=data["form_key"], although=data["although"], next_update_at=data["back_by"])


class _AskSomebody(Told):
    """Somebody of the team, and words for them; the client may be told."""

    member = forms.ChoiceField(label=_("Colleague"))

    def __init__(self, data: Any = None, *, people: Sequence[Membership], said: str, auto_id: str = "id_%s") -> None:
        super().__init__(data, initial={"body": said}, auto_id=auto_id)
        self.people = {str(person.pk): person for person in people}
        self.fields["member"].choices = [(pk, person.name) for pk, person in self.people.items()]  # type: ignore[attr-defined]
        self.fields["body"].required = False
        self.fields["body"].help_text = _("Empty it to tell the client nothing.")

    def clean_member(self) -> Membership:
        return self.people[self.cleaned_data["member"]]


class BringInForm(_AskSomebody):
    question = forms.CharField(
        label=_("What you ask them"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("An internal note: the client never reads it."),
    )
    field_order = ["member", "question", "body"]


class EscalateForm(_AskSomebody):
    why = forms.CharField(
        label=_("What you tried, and why it needs somebody else"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("An internal note: the client never reads it."),
    )
    field_order = ["member", "why", "body"]


class ReworkForm(forms.Form):
    body = forms.CharField(
        label=_("What went wrong, in words for the client"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("They can read this in the portal. Nobody pays for the time on it."),
    )
    priority = forms.TypedChoiceField(label=_("Priority"), coerce=int, choices=Priority.choices, initial=Priority.HIGH)


class BoostForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300)
    good_ratings = forms.IntegerField(label=_("Until so many good ratings"), min_value=0, max_value=50, initial=3)
    quiet_days = forms.IntegerField(label=_("and days without a broken promise"), min_value=1, max_value=60, initial=14)
    days = forms.IntegerField(label=_("but no longer than days"), min_value=1, max_value=LONGEST_BOOST, initial=30)


class KeepApartForm(forms.Form):
    member = forms.ChoiceField(label=_("Never assign"))
    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("Only who manages people reads it."))

    def __init__(self, *args: Any, people: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.fields["member"].choices = [(pk, person.name) for pk, person in self.people.items()]  # type: ignore[attr-defined]

    def clean_member(self) -> Membership:
        return self.people[self.cleaned_data["member"]]
