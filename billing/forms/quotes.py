"""What people type about quotes: the office, and the client who answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from billing.choices import AnswerKind, LineRole
from billing.models import EvidenceSheet, Quote, QuoteLine, QuoteRevision, QuoteSettings
from clients.models import Client, Contact
from msp.accounts.forms import MarkedForm
from msp.tenancy.fields import ScopedChoiceField
from msp.tenancy.ids import id_from, new_id

from . import PriceField

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_KEY: dict[str, Any] = {"required": False, "initial": new_id, "widget": forms.HiddenInput}


class NewQuoteForm(forms.ModelForm[Quote]):
    """For whom, and what about."""

    client = ScopedChoiceField(model=Client, label=_("Client"))
    form_key = forms.UUIDField(**_KEY)
    field_order = ["client", "title"]

    class Meta:
        model = Quote
        fields = ["title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clients: Any = self.fields["client"]
        clients.queryset = Client.objects.living().filter(is_unsorted=False).order_by("name", "id")


class QuoteHeadForm(forms.ModelForm[QuoteRevision]):
    class Meta:
        model = QuoteRevision
        fields = ["title", "intro", "closing", "valid_until", "deposit_percent", "on_accept"]
        widgets = {
            "intro": forms.Textarea(attrs={"rows": 3}),
            "closing": forms.Textarea(attrs={"rows": 5}),
            "valid_until": _DATE,
        }


class QuoteLineForm(forms.ModelForm[QuoteLine]):
    unit_price = PriceField(label=_("Price"), help_text=_("Before tax. Negative for a discount."))
    form_key = forms.UUIDField(**_KEY)

    class Meta:
        model = QuoteLine
        fields = [
            "kind",
            "description",
            "detail",
            "quantity",
            "unit",
            "unit_price",
            "every",
            "tax_rate",
            "role",
            "group",
            "preselected",
        ]
        widgets = {"detail": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") == LineRole.ALTERNATIVE:
            if not cleaned.get("group", "").strip():
                words = _("Say what is chosen from, with the same words on each line of the choice.")
                self.add_error("group", words)
        else:
            cleaned["group"] = ""
        if cleaned.get("role") == LineRole.REQUIRED:
            cleaned["preselected"] = True
        return cleaned

    def validate_constraints(self) -> None:
        """Role, group and preselection are the action's to keep in step with the other lines."""


class EvidenceForm(forms.ModelForm[EvidenceSheet]):
    smaller_price = PriceField(
        label=_("Its price"), required=False, min_value=Decimal(0), help_text=_("All of it, before tax.")
    )

    class Meta:
        model = EvidenceSheet
        fields = [
            "people",
            "devices",
            "use",
            "growth_percent",
            "growth_why",
            "measure",
            "serves",
            "smaller",
            "smaller_price",
            "why_not_smaller",
        ]
        widgets = {"use": forms.Textarea(attrs={"rows": 2}), "why_not_smaller": forms.Textarea(attrs={"rows": 2})}


class ReceiversField(forms.ModelMultipleChoiceField[Contact]):
    def label_from_instance(self, obj: models.Model) -> str:
        assert isinstance(obj, Contact)
        return f"{obj.name} <{obj.email}>"


class SendQuoteForm(forms.Form):
    """Who gets it; and why it must go, when it names other clients."""

    contacts = ReceiversField(None, label=_("Send to"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=_("Why it must go all the same"), max_length=300, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, contacts: models.QuerySet[Contact], asks_reason: bool = False, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["contacts"].queryset = contacts  # type: ignore[attr-defined]
        if asks_reason:
            self.fields["reason"].widget = forms.Textarea(attrs={"rows": 2})


class AcceptForm(forms.Form):
    """The client's yes. What was chosen stands beside it, by the names of the groups."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    po_number = forms.CharField(label=_("Your order number"), max_length=60, required=False)
    document = forms.CharField(max_length=64, widget=forms.HiddenInput)
    agreed = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)  # the sums that were shown

    def agrees_with(self, sums: str, problem: str) -> bool:
        """Whether the sums of the choice are those that the page showed; else the form says what to do."""
        if problem:
            self.add_error(None, problem)
        elif self.cleaned_data["agreed"] != sums:
            self.add_error(None, _("Your choice changes the sums. Look at them once more, then accept."))
        return self.is_valid()


WHY_NOT = (
    ("price", _("It costs too much")),
    ("time", _("Not now")),
    ("other", _("We chose somebody else")),
    ("need", _("We do not need it")),
    ("else", _("Something else")),
)


class DeclineForm(forms.Form):
    """The client's no, with its reason."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    why = forms.ChoiceField(label=_("Why not?"), choices=WHY_NOT, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your words"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    document = forms.CharField(max_length=64, widget=forms.HiddenInput)

    @property
    def reason(self) -> str:
        label = str(dict(WHY_NOT)[self.cleaned_data["why"]])
        words = self.cleaned_data["words"].strip()
        return f"{label}: {words}" if words else label


class AnswerByHandForm(forms.Form):
    """What the client said by telephone or on paper."""

    kind = forms.ChoiceField(label=_("They"), choices=AnswerKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Who said so"), max_length=120)
    how = forms.CharField(
        label=_("How, and what was said"),
        max_length=400,
        help_text=_("For example: signed paper of 3 May, in the folder. Kept with the quote."),
    )
    po_number = forms.CharField(label=_("Their order number"), max_length=60, required=False)


class QuoteSettingsForm(MarkedForm[QuoteSettings]):
    approval_limit = PriceField(
        label=_("Above this a second person approves"),
        required=False,
        min_value=Decimal(0),
        help_text=_("Before tax, with a year of what is paid again and again. Empty: nobody needs to."),
    )
    evidence_from = PriceField(
        label=_("Evidence from"),
        required=False,
        min_value=Decimal(0),
        help_text=_(
            "Hardware and licences from this amount on, before tax and for a year, need their evidence sheet. Empty: none does."
        ),
    )

    class Meta:
        model = QuoteSettings
        fields = [
            "number_prefix",
            "valid_days",
            "remind_days",
            "approval_limit",
            "evidence_from",
            "spare_percent",
            "intro",
            "closing",
        ]
        widgets = {"intro": forms.Textarea(attrs={"rows": 3}), "closing": forms.Textarea(attrs={"rows": 5})}


def picked_in(data: QueryDict) -> set[UUID]:
    """The lines that somebody picked on a page of choices; what is no key is passed over, and refused by what it leaves."""
    values = [value for name in data if name == "pick" or name.startswith("choice-") for value in data.getlist(name)]
    return {key for key in map(id_from, values) if key is not None}
