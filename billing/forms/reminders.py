"""The ladder of reminders, its texts, and what people decide about one client's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from billing.models import CareSettings, DunningStep, DunningText
from billing.rules.dunning import unknown_placeholders
from msp.accounts.forms import MarkedForm

from . import PriceField

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RateField(forms.DecimalField):
    """A percentage, shown without the zeros of the longest one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=6, decimal_places=3, min_value=Decimal(0), max_value=Decimal(100), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class CareForm(MarkedForm[CareSettings]):
    """How queries are answered, and when reminders leave."""

    fee_tax_rate = RateField(label=_("Tax on reminder fees in %"))

    class Meta:
        model = CareSettings
        fields = ["reminds", "send_hour", "least_days", "grace_days", "fee_tax_rate", "answer_hours", "hold_days"]


class StepForm(MarkedForm[DunningStep]):
    fee = PriceField(
        label=_("Fee"),
        min_value=Decimal(0),
        help_text=_("Once an invoice, in the shop's currency. It is put on the client's next draft."),
    )
    days = forms.IntegerField(label=_("Days"), max_value=365, validators=[MinValueValidator(1)])

    class Meta:
        model = DunningStep
        fields = ["name", "days", "counted_from", "fee"]


class TextForm(MarkedForm[DunningText]):
    class Meta:
        model = DunningText
        fields = ["subject", "body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 12})}

    def clean_subject(self) -> str:
        return self._known(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return self._known(self.cleaned_data["body"])

    def _known(self, text: str) -> str:
        if unknown := unknown_placeholders(text):
            raise forms.ValidationError(
                _("Nobody fills in {%(name)s}. Use the placeholders beside the text.") % {"name": unknown[0]}
            )
        return text


class PauseForm(forms.Form):
    """Nobody reminds this client for a while."""

    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=_DATE,
        help_text=_("Reminders leave again on that day. Empty: until you end the pause."),
    )
    because = forms.CharField(label=_("Why"), max_length=300)


class PayPromiseForm(forms.Form):
    """Somebody said when the client pays."""

    pay_on = forms.DateField(label=_("They pay on"), widget=_DATE)
    who = forms.CharField(label=_("Who said so"), max_length=120)
