"""The shop's rules of loyalty, and what gifts may cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.choices.care import Gift
from billing.models import CareSettings, LoyaltyRule
from billing.rules.dunning import names_in
from billing.rules.loyalty import PLACEHOLDERS
from msp.accounts.forms import MarkedForm

from . import PriceField
from .reminders import RateField


class RuleForm(MarkedForm[LoyaltyRule]):
    yearly_cap = PriceField(
        label=_("Most in a year"),
        required=False,
        min_value=Decimal(0),
        help_text=_("For one client, in the client's currency. Empty: no cap."),
    )

    class Meta:
        model = LoyaltyRule
        fields = ["name", "counts", "threshold", "repeats", "gift", "percent", "yearly_cap", "thanks", "automatic"]
        widgets = {"thanks": forms.Textarea(attrs={"rows": 2})}

    def clean_thanks(self) -> str:
        text: str = self.cleaned_data["thanks"]
        if unknown := [name for name in names_in(text) if name not in PLACEHOLDERS]:
            words = _("Nobody fills in {%(name)s}. There are {years}, {requests} and {client}.")
            raise forms.ValidationError(words % {"name": unknown[0]})
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("gift") == Gift.SERVICE:
            cleaned["percent"] = None
        elif not cleaned.get("percent") and "percent" not in self.errors:
            self.add_error("percent", _("Write how many percent."))
        return cleaned


class MarginForm(MarkedForm[CareSettings]):
    hour_cost = PriceField(
        label=_("What an hour costs you"),
        required=False,
        min_value=Decimal(0),
        help_text=_("Wages and overhead. Gifts in percent are measured against it."),
    )

    margin_floor = RateField(
        label=_("Margin to keep in %"), help_text=_("No gift takes the work on an invoice below it.")
    )

    class Meta:
        model = CareSettings
        fields = ["hour_cost", "margin_floor"]
