"""What people type about money that moves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.choices import PaymentMethod
from billing.choices.paying import WriteOffKind
from billing.models import Invoice
from billing.rules import money
from msp.tenancy.ids import new_id

from . import PriceField

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def numbered(number: str) -> Invoice:
    """The issued invoice with this number. Raises ValidationError when there is none."""
    found: Invoice | None = Invoice.objects.issued().filter(number__iexact=number).select_related("client").first()
    if found is None:
        raise forms.ValidationError(_("No invoice has this number."))
    return found


class AmountForm(forms.Form):
    """An amount above zero, and the key that makes one form one row."""

    amount = PriceField(label=_("Amount"), min_value=Decimal(0))
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= money.ZERO:
            raise forms.ValidationError(_("Write an amount above zero."))
        return amount


class PaymentForm(AmountForm):
    """A payment on one invoice."""

    paid_on = forms.DateField(label=_("Paid on"), widget=DATE)
    method = forms.ChoiceField(label=_("How"), choices=PaymentMethod.choices)
    reference = forms.CharField(label=_("Reference"), max_length=120, required=False)
    field_order = ["amount", "paid_on", "method", "reference"]

    @property
    def said(self) -> dict[str, Any]:
        """What the actions are told."""
        return {name: self.cleaned_data[name] for name in ("amount", "paid_on", "method", "reference", "form_key")}


class NumberedPaymentForm(PaymentForm):
    """A payment on the invoice whose number is typed."""

    number = forms.CharField(label=_("Invoice number"), max_length=40)
    field_order = ["number", "amount", "paid_on", "method", "reference"]
    invoice: Invoice

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        self.invoice = numbered(number)
        return number


class PutForm(AmountForm):
    """How much of a payment or credit note goes against which invoice."""

    number = forms.CharField(label=_("Invoice number"), max_length=40)
    field_order = ["number", "amount"]
    invoice: Invoice

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        self.invoice = numbered(number)
        return number


class WriteOffForm(AmountForm):
    kind = forms.ChoiceField(label=_("Why"), choices=WriteOffKind.choices)
    reason = forms.CharField(
        label=_("In words"), max_length=300, help_text=_("Kept with the invoice, not shown to the client.")
    )
    claims_tax = forms.BooleanField(
        label=_("The tax in it is claimed back"),
        required=False,
        help_text=_("When your tax office gives the tax of unpaid invoices back: its share is booked against the tax."),
    )
