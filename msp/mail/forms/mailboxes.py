"""What a person types about a mailbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name
from django.utils.translation import gettext_lazy as _

from msp.mail.choices import AfterTaking, MailboxKind, SignInWith
from msp.mail.models import Mailbox

# A shop's server is named by the shop, not by who runs the installation: only ports that speak IMAP.
IMAP_PORTS = (143, 993)
_SECRETS = {
    "password": _("Password"),
    "client_secret": _("Client secret"),
    "refresh_token": _("Refresh token"),
}
_COMMON = ("address", "is_active", "is_main", "acknowledges", "plus_works", "trusted_server", "believes_staff")
_IMAP = (
    *("host", "port", "security", "user", "sign_in", "password", "token_url", "oauth_client", "client_secret"),
    *("refresh_token", "oauth_scope", "folder", "takes_old", "after", "move_to"),
)


class MailboxForm(forms.ModelForm[Mailbox]):
    """One form for all kinds; those that are not fetched have no server."""

    password = forms.CharField(label=_SECRETS["password"], required=False, max_length=200, widget=forms.PasswordInput)
    client_secret = forms.CharField(
        label=_SECRETS["client_secret"], required=False, max_length=500, widget=forms.PasswordInput
    )
    refresh_token = forms.CharField(
        label=_SECRETS["refresh_token"], required=False, max_length=4000, widget=forms.PasswordInput
    )

    class Meta:
        model = Mailbox
        fields = [name for name in (*_COMMON, *_IMAP) if name not in _SECRETS]
        help_texts = {
            "is_main": _("Mail about tickets that did not come by mail asks for answers to this address."),
            "acknowledges": _("Who writes for the first time gets an answer at once, with the ticket's number."),
            "plus_works": _(
                "Your mail server delivers help+anything@… to help@…. Then answers find their ticket by a signed address."
            ),
            "trusted_server": _(
                "As it calls itself at the beginning of Authentication-Results, for example mx.google.com. Its verdict on "
                "forged senders is believed, nobody else's."
            ),
            "believes_staff": _(
                "A reply by mail from a member of staff goes to the client when your receiving server vouches for it. "
                "Otherwise it becomes an internal note."
            ),
            "token_url": _(
                "Google: https://oauth2.googleapis.com/token. Microsoft: "
                "https://login.microsoftonline.com/<your tenant>/oauth2/v2.0/token"
            ),
            "takes_old": _("Otherwise it begins with the next message that comes."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*_COMMON[:3], *_IMAP, *_COMMON[3:]])
        if self.instance.kind != MailboxKind.IMAP:
            for name in _IMAP:
                del self.fields[name]
        for name in _SECRETS:
            if name in self.fields and getattr(self.instance, f"{name}_sealed"):
                self.fields[name].help_text = _("Kept encrypted. Leave empty to keep the one there is.")

    @property
    def sealed(self) -> dict[str, str]:
        """The secrets that were typed."""
        return {name: self.cleaned_data[name] for name in _SECRETS if self.cleaned_data.get(name)}

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].lower()
        if "+" in address.partition("@")[0]:
            raise ValidationError(_("The address itself, without an addition behind a plus."))
        if Mailbox.objects.filter(address=address).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This address has a mailbox already."))
        return address

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower()
        if not host:
            raise ValidationError(_("Which server?"))
        if not settings.MAIL_PRIVATE_HOSTS:
            validate_domain_name(host)
        return host

    def clean_port(self) -> int:
        port: int = self.cleaned_data["port"]
        if port not in IMAP_PORTS and not settings.MAIL_PRIVATE_HOSTS:
            raise ValidationError(_("Mail is fetched through port 143 or 993."))
        return port

    def clean_user(self) -> str:
        user: str = self.cleaned_data["user"]
        if not user:
            raise ValidationError(_("Who signs in there?"))
        return user

    def clean_token_url(self) -> str:
        url: str = self.cleaned_data["token_url"]
        if url and not url.startswith("https://") and not settings.MAIL_PRIVATE_HOSTS:
            raise ValidationError(_("It must begin with https://."))
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("after") == AfterTaking.MOVE and not data.get("move_to"):
            self.add_error("move_to", _("To which folder?"))
        if data.get("sign_in") == SignInWith.OAUTH2:
            for name in ("token_url", "oauth_client"):
                if not data.get(name):
                    self.add_error(name, _("Signing in with OAuth2 needs this."))
            self._need("refresh_token")
        elif data.get("sign_in") == SignInWith.PASSWORD:
            self._need("password")
        return data

    def _need(self, secret: str) -> None:
        if not self.cleaned_data.get(secret) and not getattr(self.instance, f"{secret}_sealed"):
            self.add_error(secret, _("It is needed to sign in."))


class IgnoreForm(forms.Form):
    """Why a message is put aside."""

    why = forms.CharField(label=_("Why"), max_length=200, required=False)
