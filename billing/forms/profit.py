"""What the owner types about costs."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import CostRate, Overhead
from msp.accounts.queries import staff

from . import PriceField

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CostRateForm(forms.ModelForm[CostRate]):
    hourly = PriceField(
        label=_("Cost of an hour"),
        min_value=Decimal(0),
        help_text=_("Wages and what goes with them, by the hours that are paid."),
    )
    field_order = ["member", "hourly", "valid_from"]

    class Meta:
        model = CostRate
        fields = ["member", "valid_from"]
        widgets = {"valid_from": _DATE}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["member"].queryset = staff()  # type: ignore[attr-defined]

    def validate_unique(self) -> None:
        """The same day again is set anew."""

    def validate_constraints(self) -> None:
        """As above."""


class OverheadForm(forms.ModelForm[Overhead]):
    field_order = ["percent", "valid_from"]

    class Meta:
        model = Overhead
        fields = ["percent", "valid_from"]
        widgets = {"valid_from": _DATE}

    def validate_constraints(self) -> None:
        """The same day again is set anew."""
