"""What people type about shops, people and themselves."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from msp.tenancy.marks import ChangedMeanwhile, mark_of
from msp.tenancy.models import Tenant

from .actions import LOGO_BYTES, NotALogo, clean_logo
from .choices import MembershipKind, Role, Theme
from .models import Membership, ShopSettings, User
from .regions import Choices, country_choices, currency_choices, language_choices, phone_number, zone_choices

M = TypeVar("M", bound=models.Model)


class RegionForm(forms.Form):
    """Where the shop is, and how it counts and speaks."""

    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)


class NewShopForm(RegionForm):
    name = forms.CharField(max_length=120)
    slug = forms.CharField(max_length=40, validators=[validate_slug])
    owner_email = forms.EmailField()
    owner_name = forms.CharField(max_length=120, required=False)
    country = forms.ChoiceField(choices=country_choices)
    host = forms.CharField(max_length=253, required=False, empty_value=None)

    def clean_slug(self) -> str:
        return self._free("slug")

    def clean_host(self) -> str | None:
        return self._free("host").lower() if self.cleaned_data["host"] else None

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["owner_name"] = data.get("owner_name") or data.get("owner_email", "").partition("@")[0]
        return data

    def _free(self, field: str) -> str:
        value: str = self.cleaned_data[field]
        if Tenant.objects.filter(**{field: value.lower()}).exists():
            raise ValidationError(_("Another shop has this one."))
        return value


class MarkedForm(forms.ModelForm[M]):
    """A form of a row that somebody else may change at the same time. `mark` goes to the action, which raises ChangedMeanwhile."""

    mark = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["mark"] = mark_of(self.instance, self._names)
        self.shown, self.conflict = "", 0

    @property
    def status(self) -> int:
        """Of the answer that shows the form: 200 at first, 422 with mistakes, 409 when somebody else was faster."""
        return self.conflict or (422 if self.is_bound else 200)

    @property
    def _names(self) -> list[str]:
        return [name for name in self.fields if name != "mark"]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.shown = self.cleaned_data.pop("mark", "")

    def show_changed(self, changed: ChangedMeanwhile) -> None:
        """Keep what was typed, say what stands there now, and let a second Save put the typed in its place."""
        row = changed.row
        differing = [name for name in self._names if self.cleaned_data.get(name) != getattr(row, name)]
        words = [f"{self[name].label}: {_as_shown(row, name)}" for name in differing]
        told = _(
            "Somebody changed this while you were writing. Now it says: %(words)s. Save again to put yours in its place."
        )
        self.add_error(None, told % {"words": "; ".join(words) or _("empty")})
        self.conflict = 409
        self.data = MultiValueDict({**dict(cast(QueryDict, self.data).lists()), "mark": [mark_of(row, self._names)]})


def _as_shown(row: models.Model, name: str) -> str:
    """A stored value as people read it."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return str(_("empty")) if value in (None, "") else str(value)


class CompanyForm(forms.ModelForm[ShopSettings]):
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("As your clients know you: in mails, the portal and here.")
    )
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = ShopSettings
        fields = ["legal_name", "address", "country", "phone", "email", "website", "tax_id", "registration"]
        help_texts = {
            "legal_name": _("As it must stand on an invoice."),
            "phone": _("Stands on every page of the portal."),
            "tax_id": _("Your VAT or sales tax number, as printed on invoices."),
        }

    field_order = ["name", "legal_name", "address"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        try:
            data["phone"] = phone_number(data.get("phone", ""), data.get("country", ""))
        except ValidationError as error:
            self.add_error("phone", error)
        return data


class Slider(forms.NumberInput):
    input_type = "range"


class BrandForm(forms.Form):
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 1 MB. It is drawn anew and made small."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    remove_logo = forms.BooleanField(label=_("Use no logo"), required=False)
    hue = forms.IntegerField(
        label=_("Colour"),
        min_value=0,
        max_value=359,
        help_text=_("Move it and look: buttons, links and mails take the colour. It reads well on light and dark."),
        widget=Slider(attrs={"data-hue": ""}),
    )

    def clean_logo(self) -> bytes | None:
        upload = self.cleaned_data["logo"]
        if not upload:
            return None
        if upload.size > LOGO_BYTES:
            raise ValidationError(_("The file is larger than 1 MB. Save it smaller and choose it again."))
        data: bytes = upload.read()
        try:
            clean_logo(data)
        except NotALogo as error:
            raise ValidationError(_("This is no PNG, JPEG or WebP picture that we can read.")) from error
        return data

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("remove_logo") and self.cleaned_data.get("logo") is None:
            self.cleaned_data["logo"] = b""
        return self.cleaned_data


class SecurityForm(forms.Form):
    staff_mfa_required = forms.BooleanField(
        label=_("Everybody on the staff uses a second factor"),
        required=False,
        help_text=_("Whoever has none yet sets one up before the next page: an authenticator app or a passkey."),
    )


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several add up. The topmost decides where the day begins."),
    )

    def __init__(self, *args: Any, me: Membership, before: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.me, self.before = me, before or []

    def clean_roles(self) -> list[str]:
        roles: list[str] = self.cleaned_data["roles"]
        # Otherwise the right to manage people would be the right to make oneself an owner.
        if Role.OWNER not in self.me.roles and (Role.OWNER in roles) != (Role.OWNER in self.before):
            raise ValidationError(_("Only an owner makes or unmakes an owner."))
        return roles


class InviteForm(RolesForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"))
    field_order = ["name", "email", "roles"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        living = Membership.objects.filter(kind=MembershipKind.STAFF, ended_at=None)
        if living.filter(user__email=email).exists():
            raise ValidationError(_("This person works here already."))
        return email


class ProfileForm(forms.ModelForm[Membership]):
    class Meta:
        model = Membership
        fields = ["name", "phone", "signature", "landing"]
        help_texts = {
            "name": _("As colleagues and clients see it in this shop."),
            "signature": _("Stands under your replies to clients."),
        }
        widgets = {"signature": forms.Textarea(attrs={"rows": 3}), "landing": forms.Select()}

    def __init__(self, *args: Any, pages: Choices, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        role_page = (("", _("The page of your role")),)
        self.fields["landing"] = forms.ChoiceField(
            label=_("First page after sign-in"), choices=[*role_page, *pages], required=False
        )

    def clean_phone(self) -> str:
        return phone_number(self.cleaned_data["phone"], self.country)


class PreferencesForm(forms.ModelForm[User]):
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)
    theme = forms.ChoiceField(label=_("Appearance"), choices=Theme.choices)

    class Meta:
        model = User
        fields = ["language", "theme", "single_keys"]
        help_texts = {"single_keys": _("For example c for a new ticket. Ctrl K always works.")}


class JoinForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. Later you can add a passkey and forget it."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email))
        return password


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A key that signs in by itself unless one wants it as the second step only."""

    name = forms.CharField(label=_("Its name"), required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without a password"),
        required=False,
        initial=True,
        help_text=_("It then asks for your fingerprint, face or PIN. Otherwise it is your second step."),
    )
