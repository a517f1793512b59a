"""What people type about card payments."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

_SECRET = forms.PasswordInput(attrs={"autocomplete": "off"})


class CardsForm(forms.Form):
    """Keys that were given are never shown again; an empty field leaves them."""

    secret_key = forms.RegexField(
        r"^(sk|rk)_\S+$",
        label=_("Secret key"),
        max_length=300,
        required=False,
        widget=_SECRET,
        help_text=_("From Stripe, Developers, API keys: sk_… or a restricted rk_… that may write Checkout Sessions."),
    )
    signing_secret = forms.RegexField(
        r"^whsec_\S+$",
        label=_("Signing secret"),
        max_length=300,
        required=False,
        widget=_SECRET,
        help_text=_("Of the webhook that you add at Stripe with the address below: whsec_…"),
    )
    is_on = forms.BooleanField(label=_("Clients may pay by card"), required=False)
