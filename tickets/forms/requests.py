"""What a client asks for in the portal, by a form of the shop's or in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.models import Contact
from msp.tenancy.ids import new_id
from tickets.models import ServiceForm
from tickets.rules.questions import Question, questions_in, written_out

from .desk import LONGEST_MESSAGE
from .files import FilesField

LONGEST_ANSWER = 500


class RequestForm(forms.Form):
    """For whom, what, and who may see it. A `service` adds its questions and brings its own subject."""

    subject = forms.CharField(label=_("In a few words"), max_length=200)
    body = forms.CharField(
        label=_("What happens, and since when"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 6})
    )
    uploads = FilesField()
    for_whom = forms.ChoiceField(label=_("For whom"), required=False)
    confidential = forms.BooleanField(
        label=_("Confidential: colleagues do not see it"),
        required=False,
        help_text=_("Only you and the people who work on it can read it."),
    )
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, me: Contact, people: Sequence[Contact], service: ServiceForm | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people if person.pk != me.pk}
        self.asked = questions_in(service.questions) if service else []
        names = [(pk, person.name) for pk, person in self.people.items()]
        self.fields["for_whom"].choices = [("", _("Me")), *names]  # type: ignore[attr-defined]
        if not self.people:
            del self.fields["for_whom"]
        if service is not None:
            self._shape(service)

    def _shape(self, service: ServiceForm) -> None:
        self.fields["subject"].initial = service.subject or service.name
        for number, question in enumerate(self.asked):
            self.fields[f"q{number}"] = _control(question)
        self.fields["body"].required = not self.asked
        self.fields["body"].label = _("Anything else") if self.asked else self.fields["body"].label
        asked = [f"q{number}" for number in range(len(self.asked))]
        self.order_fields(["subject", *asked, "body"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("confidential") and cleaned.get("for_whom"):
            self.add_error("confidential", _now("What you ask for somebody else is theirs to keep confidential."))
        if self.asked and not self.errors and not self.message:
            self.add_error("body", _now("Write something first."))
        return cleaned

    @property
    def message(self) -> str:
        """The answers and the free words as one message."""
        answers = [(question.label, self.cleaned_data.get(f"q{n}", "")) for n, question in enumerate(self.asked)]
        return written_out(answers, self.cleaned_data.get("body", ""))

    @property
    def whose(self) -> Contact | None:
        """The colleague it is for; None for oneself."""
        return self.people.get(self.cleaned_data.get("for_whom", ""))


def _control(question: Question) -> forms.Field:
    if question.choices:
        choices = [("", "…"), *((choice, choice) for choice in question.choices)]
        return forms.ChoiceField(label=question.label, choices=choices, required=question.required)
    return forms.CharField(label=question.label, max_length=LONGEST_ANSWER, required=question.required)
