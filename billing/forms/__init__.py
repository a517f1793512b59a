"""What people type about money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from billing.choices import EndpointScheme, TaxTreatment, Unit
from billing.models import BillingSettings, ClientTerms, Invoice, InvoiceLine
from msp.accounts.forms import MarkedForm
from msp.tenancy.ids import new_id

from .documents import TaxOfLine, YesNoShop

_MONEY = {"inputmode": "decimal", "autocomplete": "off"}


class PriceField(forms.DecimalField):
    """An amount of money; the action checks that the currency knows its decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=4, widget=forms.TextInput(attrs=_MONEY), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Without the zeros of the longest currency: 85.00, not 85.0000."""
        return value.quantize(Decimal("0.01")) if _fits_cents(value) else value


def _fits_cents(value: Any) -> bool:
    return isinstance(value, Decimal) and value == value.quantize(Decimal("0.01"))


class DraftForm(forms.ModelForm[Invoice]):
    class Meta:
        model = Invoice
        fields = ["po_number", "payment_days"]


class LineForm(TaxOfLine):
    """Change a line; a new quantity or price needs its reason."""

    unit_price = PriceField(label=_("Price"))
    reason = forms.CharField(
        label=_("Why the quantity, price or tax changes"),
        max_length=300,
        required=False,
        help_text=_("Kept with the line, not shown to the client."),
    )

    class Meta:
        model = InvoiceLine
        fields = ["description", "detail", "quantity", "unit_price", "tax_rate"]
        widgets = {"detail": forms.Textarea(attrs={"rows": 4})}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        moved = {"quantity", "unit_price", "tax_rate", "tax"}.intersection(self.changed_data)
        if moved and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why the quantity, the price or the tax changes."))
        return cleaned


class NewLineForm(TaxOfLine):
    """A line that no work stands behind."""

    unit_price = PriceField(label=_("Price"), help_text=_("Before tax. Negative for a discount."))
    quantity = forms.DecimalField(
        label=_("Quantity"), max_digits=12, decimal_places=2, initial=1, validators=[MinValueValidator(Decimal("0.01"))]
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices, initial=Unit.PIECE)
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    class Meta:
        model = InvoiceLine
        fields = ["description", "detail", "quantity", "unit", "unit_price", "tax_rate"]
        widgets = {"detail": forms.Textarea(attrs={"rows": 2})}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it right all the same?"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class SettingsForm(MarkedForm[BillingSettings]):
    second_person_above = PriceField(
        label=_("A second person approves above"),
        min_value=Decimal(0),
        required=False,
        help_text=_("Total with tax, the same number in every currency. Empty: one person is enough."),
    )
    hourly_rate = PriceField(
        label=_("Hourly rate"), min_value=Decimal(0), help_text=_("Before tax. Clients may have their own.")
    )

    class Meta:
        model = BillingSettings
        fields = [
            "hourly_rate",
            "tax_name",
            "tax_rate",
            "payment_days",
            "number_prefix",
            "number_by_year",
            "bank_details",
            "footer",
            "undo_minutes",
            "drafts_automatically",
            "sent_within_hours",
            "weekend_counts",
            "second_person_above",
            "least_margin",
            "most_margin",
        ]
        widgets = {"bank_details": forms.Textarea(attrs={"rows": 3}), "footer": forms.Textarea(attrs={"rows": 3})}


class FirstNumberForm(forms.Form):
    number = forms.IntegerField(label=_("Next number"), min_value=1, max_value=9_999_999)


class TermsForm(MarkedForm[ClientTerms]):
    prices_include_tax = YesNoShop(label=_("Prices include the tax"))
    endpoint_scheme = forms.ChoiceField(
        label=_("Kind of electronic address"), choices=EndpointScheme.choices, required=False
    )
    po_limit = PriceField(
        label=_("The purchase order covers"),
        min_value=Decimal(0),
        required=False,
        help_text=_("Before tax, all invoices on this order number together. Empty: it has no limit."),
    )
    hourly_rate = PriceField(
        label=_("Hourly rate"), min_value=Decimal(0), required=False, help_text=_("Before tax. Empty: the shop's rate.")
    )

    class Meta:
        model = ClientTerms
        fields = [
            "hourly_rate",
            "payment_days",
            "tax_treatment",
            "tax_rate",
            "tax_reason",
            "tax_id",
            "prices_include_tax",
            "po_number",
            "po_required",
            "invoice_email",
            "billing_name",
            "billing_address",
            "grouping",
            "sent_within_hours",
            "po_limit",
            "by_post",
            "e_invoice",
            "buyer_reference",
            "street",
            "postcode",
            "city",
            "endpoint",
            "endpoint_scheme",
        ]
        widgets = {"billing_address": forms.Textarea(attrs={"rows": 3})}

    def clean_endpoint_scheme(self) -> str:
        return self.cleaned_data["endpoint_scheme"] or EndpointScheme.EMAIL

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        treatment = cleaned.get("tax_treatment")
        if treatment == TaxTreatment.REVERSE_CHARGE:
            for name in ("tax_id", "tax_reason"):
                if not cleaned.get(name):
                    self.add_error(name, _("Reverse charge must print this."))
        elif treatment != TaxTreatment.STANDARD and not cleaned.get("tax_reason"):
            self.add_error("tax_reason", _("An invoice without tax must print its reason."))
        if treatment == TaxTreatment.INTRA_COMMUNITY and not cleaned.get("tax_id"):
            self.add_error("tax_id", _("A supply within the EU must print this."))
        return cleaned
