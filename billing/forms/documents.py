"""What people type about taxes, documents and corrections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from stdnum import iban

from billing.choices import Column, TaxCategory
from billing.models import BillingSettings, InvoiceLine, TaxRate
from billing.rules import money
from billing.rules.tax import EXPLAINED, VATEX, Tax
from msp.accounts.forms import MarkedForm

_VATEX = re.compile(r"VATEX-[A-Z]{2}-[A-Z0-9-]{1,20}")
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class YesNoShop(forms.TypedChoiceField):
    """Yes, no, or as the shop does: a null boolean in words."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("", _("As the shop")), ("True", _("Yes")), ("False", _("No"))]
        super().__init__(
            choices=choices, coerce=lambda value: value == "True", empty_value=None, required=False, **kwargs
        )


class StepField(forms.DecimalField):
    """The smallest coin, without the zeros of the longest currency."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class TaxOptionsForm(MarkedForm[BillingSettings]):
    """How taxes are worked out."""

    cash_step = StepField(
        label=_("Round what is to pay to"),
        min_value=0,
        max_digits=8,
        decimal_places=4,
        help_text=_("0.05 where the smallest coin is five hundredths; 0 for none."),
    )

    class Meta:
        model = BillingSettings
        fields = ["prices_include_tax", "tax_rounding", "cash_step"]


class TaxRateForm(forms.ModelForm[TaxRate]):
    """A tax from a day on."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("Empty: the usual tax. Else a name to choose it by on a line, like “Reduced”."),
    )

    class Meta:
        model = TaxRate
        fields = [
            "name",
            "valid_from",
            "category",
            "rate",
            "second_name",
            "second_rate",
            "second_on_top",
            "exemption_code",
            "exemption_reason",
        ]
        widgets = {"valid_from": _DATE}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        category, code = cleaned.get("category", ""), cleaned.get("exemption_code", "")
        second, called = cleaned.get("second_rate") or money.ZERO, cleaned.get("second_name", "")
        if category != TaxCategory.STANDARD and (cleaned.get("rate") or second):
            self.add_error("rate", _("Only what is taxed (S) has a rate."))
        if bool(second) is not bool(called):
            self.add_error("second_name", _("A second tax has a name and a rate."))
        if code and not _VATEX.fullmatch(code):
            self.add_error("exemption_code", _("Codes look like VATEX-EU-132."))
        if category in EXPLAINED - set(VATEX) and not (code or cleaned.get("exemption_reason")):
            self.add_error(
                "exemption_reason", _("An exemption must print its reason, for example the article of the law.")
            )
        return cleaned


class DocumentsForm(MarkedForm[BillingSettings]):
    """How documents look, count, and what e-invoices say of the shop."""

    pdf_columns = forms.MultipleChoiceField(
        label=_("Columns"), choices=Column.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = BillingSettings
        fields = [
            "paper",
            "pdf_columns",
            "intro",
            "account_name",
            "iban",
            "bic",
            "street",
            "postcode",
            "city",
            "contact_name",
            "tax_number",
            "endpoint",
            "endpoint_scheme",
            "credit_prefix",
            "debit_prefix",
            "proforma_prefix",
            "deposit_prefix",
            "final_prefix",
        ]
        widgets = {"intro": forms.Textarea(attrs={"rows": 3})}

    def clean_iban(self) -> str:
        typed: str = self.cleaned_data["iban"].replace(" ", "").upper()
        if typed and not iban.is_valid(typed):
            raise forms.ValidationError(_("That is no IBAN: its check digits do not fit."))
        return typed


class TaxOfLine(forms.ModelForm[InvoiceLine]):
    """Lets a line have one of the shop's named taxes instead of a typed rate."""

    def offer(self, taxes: Sequence[tuple[str, Tax]]) -> None:
        """Show the taxes to choose from; none, no field."""
        self.taxes = dict(taxes)
        if self.taxes:
            choices = [("", _("As typed above")), *((name, name) for name in self.taxes)]
            label = _("Another tax of the shop")
            self.fields["tax"] = forms.ChoiceField(label=label, choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.pop("tax", "")
        cleaned["tax"] = self.taxes.get(chosen) if chosen else None
        return cleaned

    taxes: dict[str, Tax] = {}


class ReasonToCorrectForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("Printed for the client."))


class CreditForm(ReasonToCorrectForm):
    """How much of each line is given back; what is left of it stands there at first."""

    def __init__(self, *args: Any, lines: Sequence[tuple[InvoiceLine, Decimal]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {f"line_{line.pk.hex}": line.pk for line, _left in lines}
        for line, left in lines:
            low, high = min(left, money.ZERO), max(left, money.ZERO)
            self.fields[f"line_{line.pk.hex}"] = forms.DecimalField(
                label=line.description,
                min_value=low,
                max_value=high,
                required=False,
                initial=money.quantise(left, currency),
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    @property
    def asked(self) -> dict[UUID, Decimal]:
        return {pk: self.cleaned_data[name] for name, pk in self.lines.items() if self.cleaned_data.get(name)}
