"""What people type about parts and expenses."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Part
from msp.tenancy.ids import new_id

from . import PriceField


class PartForm(forms.ModelForm[Part]):
    cost = PriceField(
        label=_("Cost to us, each"), min_value=Decimal(0), help_text=_("Before tax. Clients never see it.")
    )
    price = PriceField(label=_("Price, each"), min_value=Decimal(0), help_text=_("Before tax."))

    class Meta:
        model = Part
        fields = ["kind", "description", "serial", "old_part", "quantity", "cost", "price"]


class NewPartForm(PartForm):
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)
