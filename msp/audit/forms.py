"""The filters of the activity page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from msp.accounts.models import Membership

from .registry import SENTENCES
from .rules import without_names

_LOOK = {"class": "in"}


class LogFilter(forms.Form):
    """All from the URL; a value that makes no sense filters nothing."""

    who = forms.ChoiceField(label=_("Person"), required=False, widget=forms.Select(_LOOK))
    verb = forms.ChoiceField(label=_("Kind of act"), required=False, widget=forms.Select(_LOOK))
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(_LOOK | {"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(_LOOK | {"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Membership.objects.order_by("name").values_list("pk", "name")
        self._choose("who", _("Everybody"), [(str(pk), name) for pk, name in people])
        acts = sorted(((verb, without_names(sentence)) for verb, sentence in SENTENCES.items()), key=lambda act: act[1])
        self._choose("verb", _("Everything"), acts)

    def _choose(self, name: str, nothing: Any, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", nothing), *choices]

    def filters(self) -> dict[str, Any]:
        """What is to be filtered by, as arguments of queries.log."""
        self.is_valid()
        said = self.cleaned_data
        return {
            "actor_id": said.get("who", ""),
            "verb": said.get("verb", ""),
            "since": said.get("since"),
            "until": said.get("until"),
        }
