"""What a person types about the shop's mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name
from django.utils.translation import gettext_lazy as _

from msp.mail.models import MailSettings

# A shop's server is named by the shop, not by who runs the installation: only ports that speak mail.
MAIL_PORTS = (25, 465, 587, 2525)


class MailSettingsForm(forms.ModelForm[MailSettings]):
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput,
        help_text=_("Kept encrypted. Leave empty to keep the one there is."),
    )

    class Meta:
        model = MailSettings
        fields = ["from_name", "reply_to", "own_server", "from_address", "host", "port", "security", "user"]
        help_texts = {
            "from_name": _("Left empty: the shop's name."),
            "reply_to": _("Left empty: the company's e-mail address."),
        }

    def clean_port(self) -> int:
        port: int = self.cleaned_data["port"]
        if port not in MAIL_PORTS:
            raise ValidationError(_("Mail is sent through port 25, 465, 587 or 2525."))
        return port

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower()
        if host:
            validate_domain_name(host)
        return host

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("own_server"):
            for name in ("host", "from_address"):
                if not data.get(name):
                    self.add_error(name, _("Your own server needs this."))
        return data
