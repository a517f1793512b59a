"""What a person types about an endpoint."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from msp.jobs.actions.outbound import is_public

from .models import Endpoint
from .registry import EVENTS


class EndpointForm(forms.ModelForm[Endpoint]):
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput,
        help_text=_("Where your program listens, beginning with https://."),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [
            (kind.name, f"{kind.label} ({kind.name})") for kind in sorted(EVENTS.values(), key=lambda each: each.order)
        ],
    )

    class Meta:
        model = Endpoint
        fields = ["name", "url", "events"]
        help_texts = {"name": _("What you call the program that listens.")}

    @property
    def given(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def clean_url(self) -> str:
        """An address that the way out would take, as far as it can be seen without asking."""
        url: str = self.cleaned_data["url"].strip()
        anywhere = settings.WEBHOOK_PRIVATE_HOSTS
        try:
            parts = urlsplit(url)
            host, _port = parts.hostname or "", parts.port
        except ValueError as error:
            raise ValidationError(_("This is no address.")) from error
        if parts.scheme != "https" and not (anywhere and parts.scheme == "http"):
            raise ValidationError(_("It must begin with https://."))
        URLValidator(schemes=["https", "http"])(url)
        if parts.username or parts.password:
            raise ValidationError(_("Leave the password out: the signature shows that it is us."))
        if not anywhere and (host == "localhost" or _is_private(host)):
            raise ValidationError(_("This leads into a private network, where webhooks are not sent."))
        return parts._replace(fragment="").geturl()


def _is_private(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False  # a name, which is judged whenever something is sent
    return not is_public(host)
