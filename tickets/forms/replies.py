"""What people type about saved replies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import SavedReply
from tickets.rules.placeholders import BLANKS, unknown_blanks

from .words import WordForm


class SavedReplyForm(WordForm[SavedReply]):
    everybody = forms.BooleanField(label=_("For everybody in the shop"), required=False)

    class Meta:
        model = SavedReply
        fields = ["name", "body"]
        help_texts = {
            "body": _(
                "Blanks that are filled in: {first_name} of the contact, {number} and {subject} of the ticket, {me}."
            )
        }

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["everybody"].initial = not self.instance._state.adding and self.instance.owner_id is None
        if not may_share:
            del self.fields["everybody"]

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        if wrong := unknown_blanks(body):
            words = {
                "wrong": ", ".join(f"{{{name}}}" for name in wrong),
                "known": ", ".join(f"{{{name}}}" for name in BLANKS),
            }
            raise forms.ValidationError(_("Nothing fills %(wrong)s. There are: %(known)s.") % words)
        return body

    def _namesakes(self, name: str) -> Any:
        return SavedReply.objects.none()  # one's own may be called as the shop's is
